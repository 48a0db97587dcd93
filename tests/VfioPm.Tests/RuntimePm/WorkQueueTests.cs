namespace VfioPm.Tests;

/// <summary>Work items, the workers that carry them out, and who waits for those.</summary>
public sealed class WorkQueueTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void A_barrier_waits_for_the_worker_that_carries_out_a_request()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        device.RequestAutosuspend();
        _core.Clock.RunPending();
        device.Status.Should().Be(RuntimeStatus.Suspending);

        device.Barrier();

        device.Status.Should().Be(RuntimeStatus.Suspended);
        _core.Clock.Now.Should().Be(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void Work_that_is_queued_while_the_work_item_runs_comes_after_it()
    {
        RuntimePmDevice device = _core.AddSuspended("nic", callbacks: Rpm.Slow(resume: 100));
        device.RequestResume();
        _core.Clock.RunPending();
        device.ScheduleSuspend(0);

        _core.Advance(99);
        device.Status.Should().Be(RuntimeStatus.Resuming);
        _core.Advance(1);

        device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_barrier_takes_back_what_was_queued_behind_a_running_work_item_and_waits_for_that()
    {
        RuntimePmDevice device = _core.AddSuspended("nic", callbacks: Rpm.Slow(resume: 100));
        device.RequestResume();
        _core.Clock.RunPending();
        device.ScheduleSuspend(0);

        device.Barrier();
        _core.Clock.Pending.Should().BeEmpty("it does not come again");
        _core.Clock.RunPending();

        device.Should().BeEquivalentTo(new { Status = RuntimeStatus.Active, RequestPending = false });
        _core.Clock.Now.Should().Be(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void A_barrier_might_sleep_where_it_takes_a_request_back()
    {
        _core.Kernel.Scheduler = new PreemptsEverywhere();
        RuntimePmDevice device = _core.AddSuspended("nic");
        device.RequestIdle();
        RuntimePmDevice other = _core.AddSuspended("disk");

        device.Request = RuntimePmRequest.None;
        device.RequestPending = true;
        device.BeginBarrier().IsCompleted.Should().BeFalse();
        other.BeginBarrier().IsCompleted.Should().BeTrue("nothing is pending");
    }

    [Fact]
    public void Flushing_the_work_queue_finds_a_worker_that_waits_for_ever()
    {
        _core.AddActive("nic", callbacks: new WaitingCallbacks()).RequestAutosuspend();

        _core.Invoking(static core => core.FlushWork()).Should().Throw<SimulationDeadlockException>()
            .WithMessage("*worker, nic: *WaitingCallbacks.Invoke*waits for nic, which is Suspending*");
    }

    [Fact]
    public void Flushing_the_work_queue_waits_for_slow_workers()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        device.RequestIdle();

        _core.FlushWork();

        device.Status.Should().Be(RuntimeStatus.Suspended);
        _core.Clock.Now.Should().Be(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void Work_waits_while_the_processor_is_busy_and_timers_do_not()
    {
        RuntimePmDevice device = _core.AddActive("nic");
        device.ScheduleSuspend(50);

        _core.Clock.Spin(TimeSpan.FromMilliseconds(60));

        device.Should().BeEquivalentTo(new { Status = RuntimeStatus.Active, Request = RuntimePmRequest.Suspend });
        _core.Clock.RunPending();
        device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public void On_a_preemptible_kernel_a_woken_caller_overtakes_the_worker(bool preemptible, int parentUsage)
    {
        RuntimePmCore core = new(new RuntimePmRules { WokenCallersPreempt = preemptible });
        RuntimePmDevice port = core.AddSuspended("port");
        RuntimePmDevice nic = core.AddSuspended("nic", port, Rpm.Slow(resume: 100));
        nic.RequestResume();
        core.Clock.RunPending();

        nic.GetSync();

        port.UsageCount.Should().Be(parentUsage, "the worker holds the parent until its resume has returned");
        core.Clock.RunPending();
        port.UsageCount.Should().Be(0);
    }

    [Fact]
    public void A_barrier_that_was_woken_too_early_waits_for_the_end_of_the_worker()
    {
        RuntimePmCore core = new(RuntimePmRules.Linux7_3);
        RuntimePmDevice nic = core.AddSuspended("nic", core.AddSuspended("port"), Rpm.Slow(resume: 100));
        nic.RequestResume();
        core.Clock.RunPending();
        nic.ScheduleSuspend(0);

        // The worker wakes it when the device is active, and then still lets the parent go.
        nic.Barrier();

        nic.Should().BeEquivalentTo(new { Status = RuntimeStatus.Active, RequestPending = false });
        core.Clock.Now.Should().Be(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void A_worker_that_comes_to_resume_during_a_suspend_defers_it_and_does_not_wait()
    {
        RuntimePmDevice port = _core.AddSuspended("port", callbacks: Rpm.Slow(resume: 100));
        RuntimePmDevice nic = _core.AddSuspended("nic", port, Rpm.Slow(suspend: 50));
        RuntimePmDevice disk = _core.AddSuspended("disk", port, new DriverCallbacks
        {
            Resume = _ => nic.BeginSuspend().IsCompleted ? 1 : 0,
        });

        // All wait for the port, and go on the last first: one resumes the nic, one suspends it, the worker resumes it.
        port.BeginResume();
        nic.RequestResume();
        _core.Clock.RunPending();
        disk.BeginResume();
        nic.BeginResume();
        TraceRecorder recorder = TraceRecorder.Of(_core);
        _core.Advance(100);

        nic.Should().BeEquivalentTo(new { Status = RuntimeStatus.Suspending, DeferredResume = true });
        recorder.Lines.Last(static line => line.StartsWith("rpm_return_int nic rpm_resume", StringComparison.Ordinal))
            .Should().EndWith("ret=-115");
        nic.GetNoResume();
        _core.Advance(50);
        nic.Status.Should().Be(RuntimeStatus.Active);
    }

    [Fact]
    public void On_a_preemptible_kernel_nobody_overtakes_a_caller_but_who_was_woken()
    {
        RuntimePmCore core = new(RuntimePmRules.Linux7_3);
        RuntimePmDevice nic = core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        RuntimePmDevice disk = core.AddActive("disk");
        nic.BeginSuspend();
        nic.BeginGetSync();
        disk.RequestAutosuspend();

        core.AddActive("port").Suspend();

        disk.Status.Should().Be(RuntimeStatus.Active, "one caller waits, and the worker has not begun");
    }

    private sealed class WaitingCallbacks : RuntimePmCallbacks
    {
        public override bool Has(RuntimePmCallback callback) => callback == RuntimePmCallback.Suspend;

        public override async KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
        {
            await device.Change();
            return 0;
        }
    }
}
