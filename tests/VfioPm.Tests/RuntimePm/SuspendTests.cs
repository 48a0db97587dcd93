namespace VfioPm.Tests;

public sealed class SuspendTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void The_first_reason_against_a_suspend_is_the_one_that_is_told()
    {
        // The order of rpm_check_suspend_allowed().
        KernelResult failure = Errno.EIO;
        RuntimePmDevice device = _core.AddActive("nic", callbacks: new DriverCallbacks { Suspend = _ => failure });
        device.Suspend();
        _core.AddActive("function", device);
        device.Disable();
        device.GetNoResume();
        device.AddResumeLatencyRequest(0);

        device.Suspend().Errno.Should().Be(Errno.EINVAL, "a callback failed");
        device.SetActive();
        device.Suspend().Errno.Should().Be(Errno.EACCES, "runtime PM is disabled");
        device.Enable();
        device.Suspend().Errno.Should().Be(Errno.EAGAIN, "it is in use");
        device.PutNoIdle();
        device.Suspend().Errno.Should().Be(Errno.EBUSY, "a child is active");
        device.SetIgnoreChildren(true);
        device.Suspend().Errno.Should().Be(Errno.EPERM, "it must resume at once");
        device.RemoveResumeLatencyRequest(0);
        failure = KernelResult.Success;
        device.Suspend().Value.Should().Be(0);
        device.Suspend().Value.Should().Be(1, "it is suspended already");
    }

    [Theory]
    [InlineData(Errno.EBUSY)]
    [InlineData(Errno.EAGAIN)]
    public void A_callback_may_refuse_without_harm(Errno refusal)
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Suspending(refusal));

        device.Suspend().Errno.Should().Be(refusal);

        device.Status.Should().Be(RuntimeStatus.Active);
        device.RuntimeError.Should().Be(KernelResult.Success);
    }

    [Fact]
    public void Any_other_failure_stops_runtime_pm_until_the_status_is_set()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Suspending(Errno.EIO));

        device.Suspend().Errno.Should().Be(Errno.EIO);

        device.RuntimeError.Errno.Should().Be(Errno.EIO);
        device.Resume().Errno.Should().Be(Errno.EINVAL);
        device.SetActive().Should().Be(KernelResult.Success);
        device.Resume().Value.Should().Be(1);
    }

    [Fact]
    public void Permission_denied_by_a_callback_is_an_io_error_and_in_7_3_try_again()
    {
        DriverCallbacks callbacks = Rpm.Suspending(Errno.EACCES);
        RuntimePmDevice device = _core.AddActive("nic", callbacks: callbacks);
        device.Suspend().Errno.Should().Be(Errno.EIO);
        device.RuntimeError.Errno.Should().Be(Errno.EACCES);

        RuntimePmDevice newer = new RuntimePmCore(RuntimePmRules.Linux7_3).AddActive("nic", callbacks: callbacks);
        newer.Suspend().Errno.Should().Be(Errno.EAGAIN);
        newer.RuntimeError.Should().Be(KernelResult.Success);
    }

    [Fact]
    public void Without_a_suspend_callback_5_10_cannot_suspend_and_later_kernels_can()
    {
        DriverCallbacks callbacks = new() { Suspend = null };
        RuntimePmDevice older = new RuntimePmCore(RuntimePmRules.Linux5_10).AddActive("nic", callbacks: callbacks);
        older.Suspend().Errno.Should().Be(Errno.ENOSYS);
        older.RuntimeError.Should().Be(KernelResult.Success);
        older.Status.Should().Be(RuntimeStatus.Active);

        _core.AddActive("nic", callbacks: callbacks).Suspend().Should().Be(KernelResult.Success);
    }

    [Fact]
    public void What_the_idle_callback_returns_stops_the_suspend_and_is_returned()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Idling(1));

        device.Idle().Value.Should().Be(1);

        device.Status.Should().Be(RuntimeStatus.Active);
    }

    [Fact]
    public void An_idle_notification_gives_way_to_any_other_request()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Idling(0));
        device.RequestAutosuspend();

        device.Idle().Errno.Should().Be(Errno.EAGAIN);

        device.Request.Should().Be(RuntimePmRequest.Autosuspend);
    }

    [Fact]
    public void A_scheduled_suspend_comes_when_its_time_is_up()
    {
        RuntimePmDevice device = _core.AddActive("nic");

        device.ScheduleSuspend(50).Should().Be(KernelResult.Success);

        device.TimerExpires.Should().Be(TimeSpan.FromMilliseconds(50));
        _core.Clock.Pending.Should().ContainSingle().Which.What.Should().Be("nic: scheduled suspend timer");
        _core.Advance(49);
        device.Status.Should().Be(RuntimeStatus.Active);
        _core.Advance(1);
        device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_suspend_scheduled_for_now_is_queued()
    {
        RuntimePmDevice device = _core.AddActive("nic");

        device.ScheduleSuspend(0).Should().Be(KernelResult.Success);

        device.Request.Should().Be(RuntimePmRequest.Suspend);
        _core.Clock.Pending.Should().ContainSingle().Which.What.Should().Be("nic: Suspend request on pm_wq");
        _core.Clock.RunPending();
        device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_suspend_cannot_be_scheduled_for_the_past() =>
        _core.AddActive("nic").Invoking(static device => device.ScheduleSuspend(-1))
            .Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void A_device_without_callbacks_suspends_inside_the_put()
    {
        RuntimePmDevice device = _core.AddActive("nic");
        device.SetNoCallbacks();
        device.GetNoResume();

        device.Put();

        device.Status.Should().Be(RuntimeStatus.Suspended);
        device.RequestPending.Should().BeFalse();
    }

    [Fact]
    public void A_resume_asked_for_while_the_callback_runs_follows_at_once()
    {
        DriverCallbacks callbacks = new() { Suspend = static device => device.RequestResume() };
        RuntimePmDevice device = _core.AddActive("nic", callbacks: callbacks);

        device.Suspend().Errno.Should().Be(Errno.EAGAIN);

        device.Status.Should().Be(RuntimeStatus.Active);
        device.DeferredResume.Should().BeFalse();
    }

    [Fact]
    public void A_resume_latency_of_zero_forbids_suspending()
    {
        RuntimePmDevice device = _core.AddActive("nic");

        device.AddResumeLatencyRequest(100).Value.Should().Be(1);
        device.AddResumeLatencyRequest(200).Value.Should().Be(0, "the tightest limit is what counts");
        device.AddResumeLatencyRequest(0).Value.Should().Be(1);
        device.ResumeLatencyLimit.Should().Be(0);
        device.Suspend().Errno.Should().Be(Errno.EPERM);

        device.RemoveResumeLatencyRequest(0).Value.Should().Be(1);
        device.RemoveResumeLatencyRequest(200).Value.Should().Be(0);
        device.RemoveResumeLatencyRequest(0).Errno.Should().Be(Errno.EINVAL);
        device.Suspend().Value.Should().Be(0);
        device.Invoking(static limited => limited.AddResumeLatencyRequest(-1))
            .Should().Throw<ArgumentOutOfRangeException>();
    }
}
