namespace VfioPm.Tests;

/// <summary>Threads that sleep, and the order in which they wake at one moment.</summary>
public sealed class SleepingActorTests
{
    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(10);

    private readonly RuntimePmCore _core = new();
    private readonly TraceRecorder _recorder;

    public SleepingActorTests() => _recorder = TraceRecorder.Of(_core);

    private IEnumerable<string> Suspended => _recorder.Lines
        .Where(static line => line.EndsWith("> Suspended", StringComparison.Ordinal))
        .Select(static line => line.Split(' ')[0]);

    [Fact]
    public void Of_two_callers_on_high_resolution_timers_the_first_to_fall_asleep_wakes_first()
    {
        AddDevice("nic", Flow.Delay(Time)).BeginSuspend();
        AddDevice("disk", Flow.Delay(Time)).BeginSuspend();

        _core.Clock.Advance(Time);

        Suspended.Should().Equal("nic", "disk");
    }

    [Fact]
    public void Of_two_callers_on_the_timer_wheel_the_last_to_fall_asleep_wakes_first()
    {
        AddDevice("nic", Flow.Sleep(Time)).BeginSuspend();
        AddDevice("disk", Flow.Sleep(Time)).BeginSuspend();

        _core.Clock.Advance(Time);

        Suspended.Should().Equal("disk", "nic");
    }

    [Fact]
    public void A_worker_wakes_before_a_caller()
    {
        AddDevice("nic", Flow.Delay(Time)).BeginSuspend();
        AddDevice("disk", Flow.Delay(Time)).RequestAutosuspend();
        _core.Clock.RunPending();

        _core.Clock.Advance(Time);

        Suspended.Should().Equal("disk", "nic");
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

    private RuntimePmDevice AddDevice(string name, Flow sleep) =>
        _core.AddActive(name, callbacks: new SleepingCallbacks(new SleepRoutine(sleep)));

    private sealed class SleepRoutine(Flow sleep) : Routine
    {
        public override Flow Step(Actor actor, ref Activation self) => self.At++ == 0 ? sleep : Flow.Return(0);
    }

    private sealed class SleepingCallbacks(Routine routine) : RuntimePmCallbacks
    {
        public override bool Has(RuntimePmCallback callback) => callback == RuntimePmCallback.Suspend;

        public override CallbackOutcome Invoke(RuntimePmCallback callback, RuntimePmDevice device, int stage) =>
            throw new NotSupportedException("The callback is a routine.");

        internal override Routine RoutineOf(RuntimePmCallback callback) => routine;
    }
}
