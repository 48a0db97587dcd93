namespace VfioPm.Tests;

/// <summary>Threads that sleep, and the order in which they wake at one moment.</summary>
public sealed class SleepingThreadTests
{
    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(10);

    private readonly RuntimePmCore _core = new();
    private readonly TraceRecorder _recorder;

    public SleepingThreadTests() => _recorder = TraceRecorder.Of(_core);

    private IEnumerable<string> Suspended => _recorder.Lines
        .Where(static line => line.EndsWith("> Suspended", StringComparison.Ordinal))
        .Select(static line => line.Split(' ')[0]);

    /// <summary>Threads are used again; it told of what the last call had waited for.</summary>
    [Fact]
    public void A_call_that_did_not_wait_is_told_as_itself()
    {
        SimulatedHost host = StandardTopology.Parse("b").Make(KernelProfile.Linux6_1);
        host.VfioPci.Devices[0].Open().Reset();

        PendingCall read = host.Devices[0].HostConfig.BeginRead(0, new UserMemory(4));

        read.IsCompleted.Should().BeTrue();
        read.ToString().Should().Be("caller, 0000:00:03.0: returned");
        read.Thread.Cause.Should().BeNull();
    }

    [Fact]
    public void Of_two_callers_on_high_resolution_timers_the_first_to_fall_asleep_wakes_first()
    {
        AddDevice("nic", isPrecise: true).BeginSuspend();
        AddDevice("disk", isPrecise: true).BeginSuspend();

        _core.Clock.Advance(Time);

        Suspended.Should().Equal("nic", "disk");
    }

    [Fact]
    public void Of_two_callers_on_the_timer_wheel_the_last_to_fall_asleep_wakes_first()
    {
        AddDevice("nic", isPrecise: false).BeginSuspend();
        AddDevice("disk", isPrecise: false).BeginSuspend();

        _core.Clock.Advance(Time);

        Suspended.Should().Equal("disk", "nic");
    }

    [Fact]
    public void A_worker_wakes_before_a_caller()
    {
        AddDevice("nic", isPrecise: true).BeginSuspend();
        AddDevice("disk", isPrecise: true).RequestAutosuspend();
        _core.Clock.RunPending();

        _core.Clock.Advance(Time);

        Suspended.Should().Equal("disk", "nic");
    }

    /// <summary>The two transitions to D3hot of <c>sw-cold-crowd-300071</c>: one interrupt ends both (<c>hrtimer_interrupt()</c>).</summary>
    [Fact]
    public void A_worker_who_fell_asleep_a_little_later_wakes_with_the_caller_and_goes_on_before()
    {
        TimeSpan slack = TimeSpan.FromMilliseconds(2);
        AddDevice("nic", isPrecise: true, slack).BeginSuspend();
        _core.Clock.Advance(slack / 2);
        AddDevice("disk", isPrecise: true, slack).RequestAutosuspend();
        _core.Clock.RunPending();

        _core.Clock.Advance(Time - (slack / 2));

        Suspended.Should().Equal("disk", "nic");
    }

    [Fact]
    public void Who_sleeps_while_nothing_else_is_due_wakes_those_that_may_wake_with_him()
    {
        TimeSpan slack = TimeSpan.FromMilliseconds(2);
        AddDevice("disk", isPrecise: true, slack).RequestAutosuspend();
        _core.Clock.RunPending();
        _core.Clock.Advance(slack);
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: new SleepingCallbacks(isPrecise: true) { Time = Time - (slack * 3 / 2) });

        nic.Suspend();

        Suspended.Should().Equal("disk", "nic");
    }

    /// <summary>Where both wait for the same then, nothing tells them apart.</summary>
    [Fact]
    public void Who_waited_in_vain_for_a_time_is_as_one_who_slept_for_it()
    {
        HashAfter(WaitKind.WokenInTime).Should().Be(HashAfter(WaitKind.Delay));

        static ulong HashAfter(WaitKind kind)
        {
            RuntimePmCore core = new();
            RuntimePmDevice nic = core.AddActive("nic");
            nic.UsageCount = (int)kind;
            using (KernelEntry entry = KernelEntry.Begin(core.Kernel, "nic"))
            {
                entry.Start(WaitTwice(nic));
            }

            core.Clock.Advance(Time);
            return StateHashes.Of(core.Kernel.AddTo);
        }
    }

    [Fact]
    public void A_device_wakes_a_dozen_ancestors()
    {
        RuntimePmDevice device = _core.AddSuspended("ancestor 0");
        for (int generation = 1; generation <= 12; generation++)
        {
            device = _core.AddSuspended($"ancestor {generation}", device);
        }

        device.GetSync().Should().Be(KernelResult.Success);

        _core.Devices.Should().OnlyContain(static ancestor => ancestor.Status == RuntimeStatus.Active);
    }

    private static async KernelCall<int> WaitTwice(RuntimePmDevice device)
    {
        KernelThread thread = device.Core.Kernel.Current!;
        await thread.WillWait((WaitKind)device.UsageCount, device.Core.Clock.Now + Time, device.UsageCount == (int)WaitKind.Delay ? null : device);
        await device.Change();
        return 0;
    }

    private RuntimePmDevice AddDevice(string name, bool isPrecise, TimeSpan slack = default) =>
        _core.AddActive(name, callbacks: new SleepingCallbacks(isPrecise) { Slack = slack });

    private sealed class SleepingCallbacks(bool isPrecise) : RuntimePmCallbacks
    {
        public TimeSpan Time { get; init; } = SleepingThreadTests.Time;

        public TimeSpan Slack { get; init; }

        public override bool Has(RuntimePmCallback callback) => callback == RuntimePmCallback.Suspend;

        public override async KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
        {
            Kernel kernel = device.Core.Kernel;
            await (isPrecise ? kernel.Delay(Time, Slack) : kernel.Sleep(Time));
            return 0;
        }
    }
}
