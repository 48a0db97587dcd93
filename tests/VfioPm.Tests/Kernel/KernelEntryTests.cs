namespace VfioPm.Tests;

/// <summary>The ways into the kernel: whose time passes, who is told, and what is left of a call for the next one.</summary>
public sealed class KernelEntryTests
{
    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(10);

    private readonly RuntimePmCore _core = new();
    private readonly Listener _told = new();

    private Kernel Kernel => _core.Kernel;

    [Fact]
    public void A_call_that_is_begun_in_the_middle_of_another_does_not_let_its_time_pass()
    {
        RuntimePmDevice disk = _core.AddActive("disk", callbacks: Rpm.Slow(suspend: 10));
        PendingCall? suspend = null;
        bool wasCompleted = true;
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: new DriverCallbacks
        {
            Suspend = _ =>
            {
                suspend = disk.BeginSuspend();
                wasCompleted = suspend.IsCompleted;
                return 0;
            },
        });

        nic.Suspend().Should().Succeed();

        (wasCompleted, _core.Clock.Now).Should().Be((false, TimeSpan.Zero));
        _core.Advance(10);
        suspend!.IsCompleted.Should().BeTrue();
    }

    [Fact]
    public void Who_listens_is_told_of_a_call_that_was_begun_and_had_nothing_to_wait_for()
    {
        _core.Clock.Operations.Add(_told);

        Begin("used by hand", () => PmRuntime.ResumeAndGet(_core.AddActive("nic"))).IsCompleted.Should().BeTrue();

        _told.Lines.Should().Equal("used by hand: nic gave 0");
    }

    [Fact]
    public void A_thread_that_carries_out_another_operation_tells_that_ones_name()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        _core.Clock.Operations.Add(_told);

        foreach (string what in new[] { "first", "second" })
        {
            using KernelEntry entry = KernelEntry.Call(Kernel, what, "nic");
            entry.Run(PmRuntime.ResumeAndGet(nic));
        }

        _told.Lines.Should().Equal("first: nic gave 0", "second: nic gave 0");
    }

    [Fact]
    public void Threads_that_are_through_with_their_calls_carry_out_the_next_ones()
    {
        HashSet<KernelThread> threads = [];
        RuntimePmDevice[] disks = [.. Enumerable.Range(0, 3).Select(number => _core.AddSuspended($"disk {number}", callbacks: new NotesThreads(threads)))];
        Cycle();
        int needed = threads.Count;

        Cycle();
        Cycle();

        needed.Should().Be(4, "three workers and a caller were in the middle of their calls at once");
        threads.Should().HaveCount(needed);

        void Cycle()
        {
            foreach (RuntimePmDevice disk in disks)
            {
                disk.Get();
            }

            _core.Clock.RunPending();
            RuntimePmDevice nic = _core.AddSuspended("nic", callbacks: new NotesThreads(threads));
            nic.GetSync();
            nic.PutSync();
            foreach (RuntimePmDevice disk in disks)
            {
                disk.Put();
            }

            _core.Clock.Advance(Time);
        }
    }

    [Fact]
    public void What_a_deadlocked_call_returns_when_somebody_ends_it_is_told()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        _core.Clock.Operations.Add(_told);

        Kernel.Invoking(kernel =>
        {
            using KernelEntry entry = KernelEntry.Call(kernel, "waited for", "nic");
            entry.Run(WaitFor(nic));
        }).Should().Throw<SimulationDeadlockException>();
        nic.WakeWaiters();
        _core.Clock.RunPending();

        _told.Lines.Should().Equal("waited for: nic gave 3");
        Kernel.Threads.Should().BeEmpty();
    }

    [Fact]
    public void What_a_callback_throws_comes_out_of_a_call_that_returns_nothing()
    {
        RuntimePmDevice nic = _core.AddSuspended("nic", callbacks: new DriverCallbacks { Resume = static _ => throw new NotImplementedException() });
        nic.RequestResume();

        nic.Invoking(static device => device.Disable()).Should().Throw<NotImplementedException>();

        nic.IsEnabled.Should().BeFalse("the call was carried out");
        nic.Invoking(static device => device.Disable()).Should().NotThrow("it was thrown once");
    }

    [Fact]
    public void What_was_thrown_in_the_middle_of_a_call_that_throws_itself_is_not_the_next_ones()
    {
        RuntimePmDevice nic = _core.AddActive("nic");

        Kernel.Invoking(kernel =>
        {
            using KernelEntry entry = KernelEntry.Call(kernel, "nic");
            entry.Run(ThrowTwice(kernel));
        }).Should().Throw<NotImplementedException>();

        nic.Invoking(static device => device.Resume()).Should().NotThrow();
    }

    [Fact]
    public void Who_joins_a_call_is_thrown_what_that_throws_while_he_waits_and_afterwards()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        PendingCall first = Begin("first", () => ThrowLater(nic, 1));
        PendingCall early = Begin("early", () => Join(Kernel, first.Thread));
        PendingCall second = Begin("second", () => ThrowLater(nic, 2));
        _core.Advance(20);

        ShouldHaveThrown(early);
        first.Result.Should().Be(KernelResult.Success, "it was thrown once");
        PendingCall late = Begin("late", () => Join(Kernel, second.Thread));

        ShouldHaveThrown(late);

        static void ShouldHaveThrown(PendingCall call) =>
            call.Invoking(static it => it.Result).Should().Throw<InvalidOperationException>().WithInnerException<NotImplementedException>();
    }

    [Fact]
    public void A_guests_thread_goes_on_only_when_the_machines_users_do()
    {
        RuntimePmCore guest = new(_core, guest: 1);
        PendingCall sleep;
        using (KernelEntry entry = KernelEntry.Begin(guest.Kernel, "nic"))
        {
            sleep = entry.Start(Sleep(guest.Kernel));
        }

        _core.Clock.Freeze(Frozen.Work | Frozen.Users);
        _core.Clock.Advance(Time);
        sleep.IsCompleted.Should().BeFalse();
        _core.Clock.Thaw(Frozen.Users);
        _core.Clock.RunPending();

        sleep.IsCompleted.Should().BeTrue();
    }

    /// <summary>It may have the name of another of the host's.</summary>
    [Fact]
    public void A_guests_thread_is_about_none_of_the_hosts_devices()
    {
        HostDeviceIn(_core).Should().Be("nic");
        HostDeviceIn(new RuntimePmCore(_core, guest: 1)).Should().BeNull();

        static string? HostDeviceIn(RuntimePmCore core)
        {
            using KernelEntry entry = KernelEntry.Begin(core.Kernel, "nic");
            return entry.Start(Sleep(core.Kernel)).Thread.HostDevice;
        }
    }

    [Fact]
    public void A_deadlock_of_two_in_a_guest_tells_the_hosts_threads_once()
    {
        RuntimePmCore guest = new(_core, guest: 1);
        RuntimePmDevice nic = _core.AddActive("nic");
        foreach (string name in new[] { "first", "second" })
        {
            PendingCall exit = Begin(name, () => WaitFor(nic));
            using KernelEntry entry = KernelEntry.Begin(guest.Kernel, name);
            entry.Start(Join(guest.Kernel, exit.Thread));
        }

        string told = Deadlock.Describe(guest.Kernel);

        told.Split("waits for nic, which is Active").Should().HaveCount(2 + 1);
        told.Split("waits for the call of another").Should().HaveCount(2 + 1);
    }

    /// <summary>CONFIG_PREEMPT_LAZY: of who was woken only a caller is let in where a lock is dropped.</summary>
    [Fact]
    public void On_a_preemptible_kernel_a_worker_that_was_woken_waits_for_who_runs()
    {
        RuntimePmCore core = new(RuntimePmRules.Linux7_3);
        RuntimePmDevice clock = core.AddSuspended("clock");
        RuntimePmDevice port = core.AddSuspended("port", callbacks: Rpm.Slow(suspend: 10));
        port.AddSupplier(clock);
        RuntimePmDevice nic = core.AddSuspended("nic", port);
        port.Resume();
        port.BeginSuspend();
        nic.Get();
        core.Clock.RunPending();
        TraceRecorder recorder = TraceRecorder.Of(core);

        core.Advance(10);

        nic.Status.Should().Be(RuntimeStatus.Active);
        recorder.Lines.IndexOf("port Suspended > Resuming").Should().BeGreaterThan(
            recorder.Lines.FindIndex(static line => line.StartsWith("rpm_idle clock", StringComparison.Ordinal))).And.BePositive();
    }

    private static async KernelCall<int> WaitFor(RuntimePmDevice device)
    {
        await device.Change();
        return 3;
    }

    private static async KernelCall<int> Sleep(Kernel kernel)
    {
        await kernel.Delay(Time);
        return 0;
    }

    private static async KernelCall<int> Join(Kernel kernel, KernelThread other)
    {
        await kernel.Join(other);
        return 0;
    }

    private static async KernelCall<int> ThrowLater(RuntimePmDevice device, int times)
    {
        await device.Core.Kernel.Delay(times * Time);
        device.Core.Clock.Calls.Keep(new NotImplementedException());
        return 0;
    }

    private static async KernelCall<int> ThrowTwice(Kernel kernel)
    {
        kernel.Clock.Calls.Keep(new InvalidCastException());
        await kernel.Delay(Time);
        throw new NotImplementedException();
    }

    private PendingCall Begin(string what, Func<KernelCall<int>> call)
    {
        using KernelEntry entry = KernelEntry.Begin(Kernel, what, "nic");
        return entry.Start(call());
    }

    private sealed class NotesThreads(HashSet<KernelThread> threads) : RuntimePmCallbacks
    {
        public override bool Has(RuntimePmCallback callback) => callback != RuntimePmCallback.Idle;

        public override async KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
        {
            threads.Add(device.Core.Kernel.Current!);
            await device.Core.Kernel.Delay(Time);
            return 0;
        }
    }

    private sealed class Listener : IOperationListener
    {
        public List<string> Lines { get; } = [];

        public void OnOperation(string what, string device)
        {
        }

        public void OnReturn(string what, string device, int result) => Lines.Add($"{what}: {device} gave {result}");

        public IForkable Fork(ForkContext fork) => this;
    }
}
