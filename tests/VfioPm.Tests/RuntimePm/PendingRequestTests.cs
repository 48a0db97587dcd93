namespace VfioPm.Tests.RuntimePm;

/// <summary>What becomes of a request or a timer when somebody else decides about the device (<c>power.request</c>).</summary>
public sealed class PendingRequestTests
{
    private readonly RuntimePmCore _core = new();
    private int _idles;
    private int _suspends;

    [Fact]
    public void An_idle_notification_that_is_sent_now_takes_the_place_of_the_one_that_is_queued()
    {
        RuntimePmDevice nic = AddBusy();
        nic.RequestIdle();

        nic.Idle().Errno.Should().Be(Errno.EBUSY);
        _core.Clock.RunPending();

        _idles.Should().Be(1);
    }

    [Fact]
    public void A_request_that_was_cancelled_does_not_keep_a_device_from_idling()
    {
        RuntimePmDevice nic = AddBusy();
        nic.RequestAutosuspend();
        nic.ScheduleSuspend(50);
        (nic.RequestPending, nic.Request).Should().Be((true, RuntimePmRequest.None));

        nic.Idle().Errno.Should().Be(Errno.EBUSY);

        _idles.Should().Be(1);
    }

    [Fact]
    public void Where_nobody_has_to_be_asked_an_idle_request_is_one_to_autosuspend()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        nic.RequestIdle();
        nic.Request.Should().Be(RuntimePmRequest.Autosuspend);

        RuntimePmDevice disk = _core.AddActive("disk", callbacks: Rpm.Idling(Errno.EBUSY));
        disk.SetNoCallbacks();
        disk.Idle().Should().Succeed();

        disk.Status.Should().Be(RuntimeStatus.Suspended, "a device without callbacks is not asked");
    }

    [Fact]
    public void A_resume_of_an_active_device_takes_a_queued_suspend_back()
    {
        RuntimePmDevice nic = AddBusy();
        nic.RequestAutosuspend();

        nic.Resume().Value.Should().Be(1);
        _core.Clock.RunPending();

        _suspends.Should().Be(0);
    }

    [Fact]
    public void A_suspend_that_is_refused_takes_back_what_others_had_in_mind()
    {
        RuntimePmDevice nic = AddBusy();
        nic.RequestAutosuspend();
        nic.Suspend().Errno.Should().Be(Errno.EBUSY);
        _core.Clock.RunPending();
        _suspends.Should().Be(1, "the request is cancelled");

        nic.ScheduleSuspend(50);
        nic.Suspend().Errno.Should().Be(Errno.EBUSY);

        nic.TimerExpires.Should().BeNull();
    }

    [Fact]
    public void A_suspend_that_has_to_wait_for_the_delay_takes_a_queued_one_back()
    {
        RuntimePmDevice nic = AddBusy();
        nic.GetNoResume();
        nic.SetAutosuspendDelay(100);
        nic.SetUseAutosuspend(true);
        nic.PutNoIdle();
        nic.ScheduleSuspend(0);
        nic.Request.Should().Be(RuntimePmRequest.Suspend);
        nic.MarkLastBusy();

        nic.RequestAutosuspend().Should().Succeed();

        nic.Request.Should().Be(RuntimePmRequest.None);
        nic.TimerExpires.Should().Be(_core.Clock.Now + TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void Scheduling_a_suspend_takes_a_queued_request_back()
    {
        RuntimePmDevice nic = AddBusy();
        nic.RequestIdle();

        nic.ScheduleSuspend(50).Should().Succeed();
        _core.Clock.RunPending();

        _idles.Should().Be(0);
    }

    [Fact]
    public void A_suspend_that_was_scheduled_while_the_device_suspended_does_not_come()
    {
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 10));
        nic.BeginSuspend();
        nic.ScheduleSuspend(1000).Should().Succeed();

        _core.Advance(10);

        nic.Status.Should().Be(RuntimeStatus.Suspended);
        _core.Clock.Pending.Should().BeEmpty();
    }

    [Fact]
    public void A_resume_that_was_asked_for_during_a_suspend_that_fails_is_granted_already()
    {
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: new DriverCallbacks
        {
            SuspendTime = TimeSpan.FromMilliseconds(10),
            Suspend = _ => _suspends++ == 0 ? Errno.EBUSY : KernelResult.Success,
        });
        nic.BeginSuspend();
        nic.RequestResume().Should().Succeed();
        _core.Advance(10);
        nic.Should().BeEquivalentTo(new { Status = RuntimeStatus.Active, DeferredResume = false });

        nic.Suspend().Should().Succeed();

        nic.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_worker_that_carries_a_request_out_has_taken_it()
    {
        RuntimePmDevice nic = AddBusy();
        nic.RequestIdle();
        nic.GetNoResume();

        _core.Clock.RunPending();

        _idles.Should().Be(0, "the device is in use");
        nic.Should().BeEquivalentTo(new { RequestPending = false, Request = RuntimePmRequest.None });
    }

    [Fact]
    public void A_barrier_leaves_no_request()
    {
        RuntimePmDevice nic = AddBusy();
        nic.RequestIdle();

        nic.Barrier().Value.Should().Be(0);

        nic.Should().BeEquivalentTo(new { RequestPending = false, Request = RuntimePmRequest.None });
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    [InlineData(false, false, true)]
    public void A_device_without_callbacks_wakes_at_once_where_its_parent_has_no_say(bool isEnabled, bool ignoresChildren, bool wakes)
    {
        RuntimePmDevice port = _core.AddDevice("port");
        port.SetIgnoreChildren(ignoresChildren);
        RuntimePmDevice nic = _core.AddSuspended("nic", port);
        nic.SetNoCallbacks();
        if (isEnabled)
        {
            port.Enable();
        }

        nic.Get().Value.Should().Be(wakes ? 1 : 0);

        nic.Status.Should().Be(wakes ? RuntimeStatus.Active : RuntimeStatus.Suspended);
        port.ChildCount.Should().Be(wakes ? 1 : 0);
    }

    private RuntimePmDevice AddBusy() => _core.AddActive("nic", callbacks: new DriverCallbacks
    {
        Idle = _ =>
        {
            _idles++;
            return Errno.EBUSY;
        },
        Suspend = _ =>
        {
            _suspends++;
            return Errno.EBUSY;
        },
    });
}
