namespace VfioPm.Tests;

/// <summary>What one actor's call does while another's operation is under way.</summary>
public sealed class OverlapTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void A_call_that_takes_time_is_under_way_until_the_clock_has_passed_it()
    {
        RuntimePmDevice device = _core.AddSuspended("nic", callbacks: Rpm.Slow(resume: 100));

        PendingCall call = device.BeginGetSync();

        call.IsCompleted.Should().BeFalse();
        call.Result.Should().BeNull();
        device.Should().BeEquivalentTo(new { Status = RuntimeStatus.Resuming, UsageCount = 1 });
        _core.Advance(99);
        call.IsCompleted.Should().BeFalse();
        _core.Advance(1);
        call.Result.Should().Be(KernelResult.Success);
        device.Status.Should().Be(RuntimeStatus.Active);
    }

    [Fact]
    public void A_call_without_waiting_is_completed_at_once()
    {
        RuntimePmDevice device = _core.AddActive("nic");

        device.BeginResume().Result!.Value.Value.Should().Be(1);
        device.BeginIdle().Result.Should().Be(KernelResult.Success);
        device.BeginSuspend().Result!.Value.Value.Should().Be(1);
    }

    [Fact]
    public void What_a_completed_call_returned_stays_whoever_calls_next()
    {
        RuntimePmDevice device = _core.AddActive("nic");

        PendingCall first = device.BeginResume();
        PendingCall second = device.BeginSuspend();
        device.Resume();

        first.Thread.Should().NotBeSameAs(second.Thread);
        (first.Result, second.Result).Should().Be(((KernelResult?)1, (KernelResult?)0));
    }

    [Fact]
    public void A_synchronous_call_lets_time_pass()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 30, resume: 70));

        device.Suspend();
        device.Resume();

        _core.Clock.Now.Should().Be(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void Two_who_ask_for_a_resume_while_the_device_goes_to_sleep_get_one()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        device.BeginSuspend();

        device.Get();
        device.Get();
        device.DeferredResume.Should().BeTrue();
        _core.Advance(100);

        device.Status.Should().Be(RuntimeStatus.Active);
    }

    [Fact]
    public void A_second_resume_waits_for_the_first()
    {
        RuntimePmDevice device = _core.AddSuspended("nic", callbacks: Rpm.Slow(resume: 100));
        PendingCall first = device.BeginGetSync();

        device.GetSync().Value.Should().Be(1, "the first one did the work");

        first.IsCompleted.Should().BeTrue();
        _core.Clock.Now.Should().Be(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void A_resume_request_during_a_resume_is_in_progress_already()
    {
        RuntimePmDevice device = _core.AddSuspended("nic", callbacks: Rpm.Slow(resume: 100));
        device.BeginResume();

        device.RequestResume().Errno.Should().Be(Errno.EINPROGRESS);
    }

    [Fact]
    public void A_resume_request_during_a_suspend_is_deferred_to_its_end()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        PendingCall suspend = device.BeginSuspend();

        device.Get().Should().Be(KernelResult.Success);

        device.DeferredResume.Should().BeTrue();
        _core.Advance(100);
        suspend.Result!.Value.Errno.Should().Be(Errno.EAGAIN);
        device.Status.Should().Be(RuntimeStatus.Active);
    }

    [Fact]
    public void A_suspend_during_a_resume_is_refused_and_its_request_is_queued()
    {
        RuntimePmDevice device = _core.AddSuspended("nic", callbacks: Rpm.Slow(resume: 100));
        device.BeginResume();

        device.Suspend().Errno.Should().Be(Errno.EAGAIN);
        device.ScheduleSuspend(0).Should().Be(KernelResult.Success);

        device.Request.Should().Be(RuntimePmRequest.Suspend);
    }

    [Fact]
    public void A_second_suspend_waits_for_the_first_and_its_request_does_not()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        device.BeginSuspend();

        device.ScheduleSuspend(0).Errno.Should().Be(Errno.EINPROGRESS);
        device.Suspend().Value.Should().Be(1);
    }

    [Fact]
    public void Idle_notifications_do_not_overlap()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: new SlowIdle());
        device.BeginIdle();

        device.Idle().Errno.Should().Be(Errno.EINPROGRESS);
    }

    [Fact]
    public void A_barrier_waits_for_an_idle_notification()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: new SlowIdle());
        PendingCall idle = device.BeginIdle();

        device.Barrier();

        idle.IsCompleted.Should().BeTrue();
        device.IdleNotification.Should().BeFalse();
    }

    [Fact]
    public void A_deferred_resume_forbids_another_suspend()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        device.BeginSuspend();
        device.RequestResume();

        device.Suspend().Errno.Should().Be(Errno.EAGAIN);

        _core.Clock.Now.Should().Be(TimeSpan.Zero, "it is refused without waiting");
    }

    [Fact]
    public void What_waits_is_listed_in_words()
    {
        _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100)).BeginSuspend();

        _core.Clock.Pending.Should().ContainSingle().Which.What.Should().Be("nic: DriverCallbacks.InvokeAfter goes on");
    }

    [Fact]
    public void A_fork_during_a_slow_callback_ends_it_by_itself()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        device.BeginSuspend();
        device.Get();
        _core.Advance(50);

        RuntimePmCore fork = _core.Fork();
        fork.Advance(50);

        fork.Devices[0].Status.Should().Be(RuntimeStatus.Active);
        device.Status.Should().Be(RuntimeStatus.Suspending);
        _core.Advance(50);
        device.Status.Should().Be(RuntimeStatus.Active);
    }

    [Fact]
    public void A_call_that_waits_goes_on_in_a_fork_too()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        device.BeginSuspend();
        device.BeginGetSync();

        RuntimePmCore fork = _core.Fork();
        fork.Advance(100);

        fork.Devices[0].Status.Should().Be(RuntimeStatus.Active);
    }

    [Fact]
    public void A_host_cannot_be_forked_from_inside_a_callback()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: new DriverCallbacks
        {
            Suspend = static suspending =>
            {
                suspending.Core.Invoking(static core => core.Fork()).Should().Throw<InvalidOperationException>();
                return 0;
            },
        });

        device.Suspend().Should().Be(KernelResult.Success);
    }

    [Fact]
    public void A_call_that_waits_for_itself_is_a_deadlock_and_the_device_is_named()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: new DriverCallbacks
        {
            Suspend = static suspending => suspending.Resume(),
        });

        device.Invoking(static suspended => suspended.Suspend()).Should().Throw<SimulationDeadlockException>()
            .WithMessage("Nothing that is pending*wait for ever*in Rpm.Resume*waits for nic, which is Suspending");
    }

    private sealed class SlowIdle : RuntimePmCallbacks
    {
        public override bool Has(RuntimePmCallback callback) => true;

        public override async KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
        {
            if (callback == RuntimePmCallback.Idle)
            {
                await device.Core.Kernel.Sleep(TimeSpan.FromMilliseconds(100));
            }

            return 0;
        }
    }
}
