namespace VfioPm.Tests;

/// <summary>What a kernel says of itself and refuses.</summary>
public sealed class KernelTests
{
    private readonly RuntimePmCore _core = new();

    private Kernel Kernel => _core.Kernel;

    [Fact]
    public void It_has_a_scheduler()
    {
        Kernel.Invoking(static kernel => kernel.Scheduler = null!).Should().Throw<ArgumentNullException>();

        Kernel.Scheduler.Should().BeOfType<StockScheduler>();
    }

    [Fact]
    public void Only_its_threads_can_wait() =>
        Kernel.Invoking(static kernel => kernel.GiveWay()).Should().Throw<InvalidOperationException>()
            .WithMessage("Only a thread of the simulated kernel can wait.");

    [Fact]
    public void What_guests_number_is_apart_from_what_the_host_does()
    {
        Kernel first = new(_core.Clock, 1);
        Kernel second = new(_core.Clock, 2);

        new[] { Kernel.NumberOf(3), first.NumberOf(3), second.NumberOf(3), first.NumberOf(2) }.Should().OnlyHaveUniqueItems();
        Kernel.NumberOf(3).Should().Be(3);
    }

    [Fact]
    public void Nobody_sleeps_for_less_than_nothing_or_longer_than_msleep_takes()
    {
        TimeSpan longest = TimeSpan.FromMilliseconds(uint.MaxValue);

        SleepFor(longest).Should().NotThrow();
        SleepFor(TimeSpan.Zero).Should().NotThrow();
        SleepFor(TimeSpan.FromTicks(-1)).Should().Throw<ArgumentOutOfRangeException>();
        SleepFor(longest + TimeSpan.FromTicks(1)).Should().Throw<ArgumentOutOfRangeException>();

        Action SleepFor(TimeSpan time) => () =>
        {
            using KernelEntry entry = KernelEntry.Call(Kernel, "nic");
            entry.Run(Sleep(Kernel, time));
        };
    }

    [Theory]
    [InlineData(false, 8)]
    [InlineData(true, 12)]
    public void msleep_adds_a_tick_where_the_kernel_does(bool addsTick, int milliseconds)
    {
        RuntimePmCore core = new(RuntimePmRules.Linux6_1 with { MsleepAddsTick = addsTick });
        using KernelEntry entry = KernelEntry.Call(core.Kernel, "nic");
        entry.Run(Msleep(core.Kernel, TimeSpan.FromMilliseconds(4)));

        core.Clock.Now.Should().Be(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Fact]
    public void Who_yields_waits_only_for_what_is_due()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        PendingCall alone = BeginToYield();
        alone.IsCompleted.Should().BeTrue();
        nic.RequestAutosuspend();

        PendingCall crowded = BeginToYield();
        crowded.IsCompleted.Should().BeFalse();
        _core.Clock.RunPending();

        crowded.IsCompleted.Should().BeTrue();
        nic.Status.Should().Be(RuntimeStatus.Suspended);

        PendingCall BeginToYield()
        {
            using KernelEntry entry = KernelEntry.Begin(Kernel, "disk");
            return entry.Start(Yield(Kernel));
        }
    }

    [Fact]
    public void A_result_knows_its_call_only_where_somebody_listens() =>
        _core.AddActive("nic").Resume().Call.Should().BeNull();

    [Fact]
    public void It_has_no_state_inside_a_call()
    {
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: new DriverCallbacks
        {
            Suspend = static device =>
            {
                StateHash hash = StateHash.Empty;
                device.Core.Kernel.AddTo(ref hash);
                return 0;
            },
        });

        nic.Invoking(static it => it.Suspend()).Should().Throw<InvalidOperationException>()
            .WithMessage("A host has no state to hash inside a call that it is carrying out.");
    }

    [Fact]
    public void Its_threads_are_listed_in_the_order_in_which_they_began_to_wait_for_somebody()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        foreach (string name in new[] { "first", "second" })
        {
            using KernelEntry entry = KernelEntry.Begin(Kernel, name);
            entry.Start(WaitAndWait(nic, name == "first"));
        }

        Kernel.Threads.Select(static thread => thread.Device).Should().Equal("first", "second");
        _core.Advance(1);

        Kernel.Threads.Select(static thread => thread.Device).Should().Equal("second", "first");
    }

    /// <summary>The others of its moment have run by then.</summary>
    [Fact]
    public void A_thread_that_let_others_run_comes_behind_those_that_wait_already()
    {
        _core.AddActive("nic").RequestAutosuspend();
        foreach (string name in new[] { "first", "second" })
        {
            using KernelEntry entry = KernelEntry.Begin(Kernel, name);
            entry.Start(YieldAndSleep(Kernel, yields: name == "first"));
        }

        Kernel.Threads.Select(static thread => thread.Device).Should().Equal("first", "second");
        _core.Clock.RunPending();

        Kernel.Threads.Select(static thread => thread.Device).Should().Equal("second", "first");
    }

    private static async KernelCall<int> YieldAndSleep(Kernel kernel, bool yields)
    {
        if (yields)
        {
            await kernel.Yield();
        }

        await kernel.Sleep(TimeSpan.FromMilliseconds(1));
        return 0;
    }

    private static async KernelCall<int> WaitAndWait(RuntimePmDevice device, bool sleepsFirst)
    {
        if (sleepsFirst)
        {
            await device.Core.Kernel.Delay(TimeSpan.FromMilliseconds(1));
        }

        await device.Change();
        return 0;
    }

    private static async KernelCall<int> Msleep(Kernel kernel, TimeSpan time)
    {
        await kernel.Msleep(time);
        return 0;
    }

    private static async KernelCall<int> Yield(Kernel kernel)
    {
        await kernel.Yield();
        return 0;
    }

    [Fact]
    public void A_lock_comes_after_those_that_are_held_but_devices_locks_after_none()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        var memory = new RwSemaphore(Kernel, "memory_lock", "nic", 0);
        var gate = new KernelMutex(Kernel, "igate", "nic", 0);
        var other = new KernelMutex(Kernel, "igate", "disk", 1);

        using (KernelEntry entry = KernelEntry.Call(Kernel, "nic"))
        {
            entry.Run(TakeAll(nic, memory, gate, other));
        }

        Kernel.LockOrder.Steps.Select(static step => step.ToString()).Should()
            .Equal("memory_lock (since TakeAll), then igate (in TakeAll): ");
        Kernel.LockOrder.Count.Should().Be(1);
        Kernel.Outside.Holds.Should().BeEmpty();
    }

    [Fact]
    public void Who_listens_is_told_once_what_somebody_did_and_what_came_of_it()
    {
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 10));
        List<string> told = [];
        _core.Clock.Operations.Add(new Listener(told));
        PendingCall suspend;
        using (KernelEntry entry = KernelEntry.Begin(Kernel, "suspended by hand", "nic"))
        {
            suspend = entry.Start(PmRuntime.Suspend(nic, RpmFlags.None));
        }

        told.Should().Equal("suspended by hand: nic");
        _core.Advance(10);
        told.Should().Equal("suspended by hand: nic", "suspended by hand: nic gave 0");
        suspend.Result!.Value.Call.Should().BeEquivalentTo(new { Device = "nic", Operation = new Cause("suspended by hand", "nic") });

        nic.Resume();
        told.Should().HaveCount(2, "what has no name is nobody's operation");
        using (KernelEntry entry = KernelEntry.Call(Kernel, "resumed by hand", "nic"))
        {
            entry.Run(PmRuntime.ResumeAndGet(nic)).Should().Be(KernelResult.Success);
        }

        told[^1].Should().Be("resumed by hand: nic gave 0");
    }

    [Fact]
    public void What_a_call_threw_is_no_result_that_anybody_is_told()
    {
        List<string> told = [];
        _core.Clock.Operations.Add(new Listener(told));
        RuntimePmDevice nic = _core.AddActive("nic");
        PendingCall call;
        using (KernelEntry entry = KernelEntry.Begin(Kernel, "used by hand", "nic"))
        {
            call = entry.Start(Fail(nic));
        }

        _core.Advance(10);

        told.Should().Equal("used by hand: nic");
        call.Invoking(static it => it.Result).Should().Throw<InvalidOperationException>().WithInnerException<NotImplementedException>();
    }

    [Fact]
    public void What_a_worker_throws_comes_out_of_the_time_that_passes()
    {
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: new DriverCallbacks { Suspend = static _ => throw new NotImplementedException() });
        nic.RequestAutosuspend();

        _core.Invoking(static core => core.Advance(10)).Should().Throw<NotImplementedException>();

        _core.Kernel.Threads.Should().BeEmpty();
        _core.Invoking(static core => core.Advance(10)).Should().NotThrow("it was thrown once");
    }

    [Fact]
    public void What_a_worker_throws_that_had_to_wait_comes_out_of_the_time_that_passes_too()
    {
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: new ThrowsLater());
        nic.RequestAutosuspend();

        _core.Invoking(static core => core.Advance(10)).Should().Throw<NotImplementedException>();

        Kernel.Threads.Should().BeEmpty();
        Kernel.Current.Should().BeNull();
        _core.Clock.Calls.Innermost.Should().BeNull();
        _core.Invoking(static core => core.Advance(10)).Should().NotThrow("it was thrown once");
        _core.AddActive("disk", callbacks: Rpm.Slow(suspend: 10)).Suspend().Should().Be(KernelResult.Success, "the worker's thread carries out the next call");
    }

    [Fact]
    public void What_a_worker_throws_while_somebody_waits_for_his_call_comes_out_of_that_when_it_is_over()
    {
        _core.AddActive("nic", callbacks: new ThrowsLater()).RequestAutosuspend();
        RuntimePmDevice disk = _core.AddActive("disk", callbacks: Rpm.Slow(suspend: 10));

        disk.Invoking(static it => it.Suspend()).Should().Throw<NotImplementedException>();

        disk.Status.Should().Be(RuntimeStatus.Suspended);
        Kernel.Threads.Should().BeEmpty();
        disk.Invoking(static it => it.Resume()).Should().NotThrow("it was thrown once");
    }

    [Fact]
    public void A_thread_says_who_it_is_where_it_is_and_what_it_holds()
    {
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 10));
        nic.RequestAutosuspend();
        _core.Clock.RunPending();
        using (KernelEntry entry = KernelEntry.Begin(Kernel, "disk"))
        {
            entry.Start(HoldTwo(new KernelMutex(Kernel, "igate", "disk", 1), new RwSemaphore(Kernel, "memory_lock", "disk", 1), nic));
        }

        Kernel.Threads.Select(static thread => thread.ToString()).Should().Equal(
            "worker, nic: Autosuspend request on pm_wq: in DriverCallbacks.InvokeAfter"
                + " < Rpm.AwaitCallback < Rpm.Callback < Rpm.Suspend < WorkItem.AwaitItem",
            "caller, disk: in KernelTests.HoldTwo, waits for nic, which is Suspending, holds igate of disk, memory_lock of disk");
    }

    private static async KernelCall<int> Fail(RuntimePmDevice device)
    {
        await device.Core.Kernel.Delay(TimeSpan.FromMilliseconds(1));
        throw new NotImplementedException();
    }

    private static async KernelCall<int> HoldTwo(KernelMutex gate, RwSemaphore memory, RuntimePmDevice device)
    {
        using LockScope first = await gate.Lock();
        using LockScope second = await memory.DownRead();
        await device.Change();
        return 0;
    }

    private static async KernelCall<int> Sleep(Kernel kernel, TimeSpan time)
    {
        await kernel.Sleep(time);
        return 0;
    }

    private static async KernelCall<int> TakeAll(RuntimePmDevice device, RwSemaphore memory, KernelMutex gate, KernelMutex other)
    {
        using LockScope first = await memory.DownRead();
        using LockScope second = await gate.Lock();
        using LockScope third = await device.Lock.Lock();
        using LockScope fourth = await other.Lock();
        return 0;
    }

    private sealed class ThrowsLater : RuntimePmCallbacks
    {
        public override bool Has(RuntimePmCallback callback) => callback == RuntimePmCallback.Suspend;

        public override async KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
        {
            await device.Core.Kernel.GiveWay();
            throw new NotImplementedException();
        }
    }

    private sealed class Listener(List<string> told) : IOperationListener
    {
        public void OnOperation(string what, string device) => told.Add($"{what}: {device}");

        public void OnReturn(string what, string device, int result) => told.Add($"{what}: {device} gave {result}");

        public IForkable Fork(ForkContext fork) => this;
    }
}
