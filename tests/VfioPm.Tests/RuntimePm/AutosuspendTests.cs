namespace VfioPm.Tests;

public sealed class AutosuspendTests
{
    private readonly RuntimePmCore _core = new();
    private readonly RuntimePmDevice _device;

    public AutosuspendTests()
    {
        _device = _core.AddActive("nic");
        _device.GetSync();
        _device.SetAutosuspendDelay(100);
        _device.SetUseAutosuspend(true);
        _core.Advance(1000);
    }

    [Fact]
    public void A_delay_is_whole_milliseconds_that_an_int_holds()
    {
        RuntimePmDevice device = _core.AddActive("nic");

        device.SetAutosuspendDelay(TimeSpan.FromMilliseconds(int.MaxValue + 0.9));
        device.AutosuspendDelay.Should().Be(int.MaxValue);
        device.SetAutosuspendDelay(TimeSpan.FromMilliseconds(int.MinValue - 0.9));
        device.AutosuspendDelay.Should().Be(int.MinValue);
        foreach (double tooMuch in new[] { int.MaxValue + 1.0, int.MinValue - 1.0 })
        {
            device.Invoking(nic => nic.SetAutosuspendDelay(TimeSpan.FromMilliseconds(tooMuch))).Should().Throw<ArgumentOutOfRangeException>()
                .WithParameterName("delay");
        }
    }

    [Fact]
    public void A_device_sleeps_once_it_was_unused_for_the_delay()
    {
        _device.MarkLastBusy();
        _device.PutAutosuspend().Should().Be(KernelResult.Success);

        _core.Clock.Pending.Should().ContainSingle().Which.What.Should().Be("nic: autosuspend timer");
        _core.Advance(99);
        _device.Status.Should().Be(RuntimeStatus.Active);
        _core.Advance(1);
        _device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    // hrtimer_interrupt(): by the last moment of each, which is counted from when the device was last busy.
    [Fact]
    public void Of_timers_that_run_out_in_one_interrupt_that_of_the_device_that_was_busy_first_comes_first()
    {
        RuntimePmDevice other = _core.AddActive("disk");
        other.GetSync();
        other.SetAutosuspendDelay(100);
        other.SetUseAutosuspend(true);
        var trace = new HostTrace(_core);
        _device.MarkLastBusy();
        other.MarkLastBusy();
        other.PutAutosuspend();
        _device.PutAutosuspend();

        _core.Advance(100);

        trace.Entries.Where(entry => entry.Kind == TraceKind.RuntimeStatus).Select(entry => entry.Device)
            .Distinct().Should().Equal("nic", "disk");
    }

    [Fact]
    public void A_timer_that_is_late_runs_out_with_one_that_may_be_later_still_and_before_what_either_queued()
    {
        RuntimePmDevice other = _core.AddActive("disk");
        other.GetSync();
        other.SetAutosuspendDelay(100);
        other.SetUseAutosuspend(true);
        _device.MarkLastBusy();
        _device.PutAutosuspend();
        PendingEvent timer = _core.Clock.Pending.Single();
        _core.Advance(10);
        other.MarkLastBusy();
        other.PutAutosuspend();
        TimeSpan together = _core.Clock.Now + TimeSpan.FromMilliseconds(100);
        _core.Clock.FireAt(timer, together);

        _core.Clock.Pending.Select(pending => pending.What)
            .Should().Equal("nic: autosuspend timer", "disk: autosuspend timer");
        _core.Clock.Spin(TimeSpan.FromMilliseconds(100));
        _core.Clock.Pending.Select(pending => pending.What)
            .Should().Equal("nic: Autosuspend request on pm_wq", "disk: Autosuspend request on pm_wq");
    }

    [Fact]
    public void The_timer_may_be_late_by_a_quarter_of_the_delay()
    {
        _device.MarkLastBusy();
        _device.PutAutosuspend();

        PendingEvent timer = _core.Clock.Pending.Single();

        (timer.Latest - timer.Due).Should().Be(TimeSpan.FromMilliseconds(25));
    }

    [Fact]
    public void A_device_that_was_busy_meanwhile_sleeps_later()
    {
        _device.MarkLastBusy();
        _device.PutAutosuspend();
        _core.Advance(60);
        _device.MarkLastBusy();

        _core.Advance(99);
        _device.Status.Should().Be(RuntimeStatus.Active);
        _core.Advance(1);
        _device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_device_that_has_not_been_busy_for_long_sleeps_at_once()
    {
        _device.PutSyncAutosuspend().Should().Be(KernelResult.Success);

        _device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void In_7_3_the_put_itself_marks_the_device_busy()
    {
        RuntimePmCore core = new(RuntimePmRules.Linux7_3);
        RuntimePmDevice device = core.AddActive("nic");
        device.GetSync();
        device.SetAutosuspendDelay(100);
        device.SetUseAutosuspend(true);
        core.Advance(1000);

        device.PutSyncAutosuspend();

        device.Status.Should().Be(RuntimeStatus.Active);
        device.LastBusy.Should().Be(core.Clock.Now);
    }

    [Fact]
    public void A_resume_marks_the_device_busy()
    {
        _device.PutSyncSuspend();
        _core.Advance(10);

        _device.Resume();

        _device.LastBusy.Should().Be(_core.Clock.Now);
    }

    [Fact]
    public void A_suspend_that_is_scheduled_in_place_of_an_autosuspend_does_not_wait_for_the_delay()
    {
        _device.MarkLastBusy();
        _device.PutAutosuspend();

        _device.ScheduleSuspend(10).Should().Succeed();
        _core.Advance(10);

        _device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_resume_leaves_the_autosuspend_timer_running()
    {
        _device.MarkLastBusy();
        _device.PutAutosuspend();

        _device.Resume();

        _device.TimerExpires.Should().NotBeNull();
    }

    [Fact]
    public void A_resume_stops_a_scheduled_suspend()
    {
        _device.SetUseAutosuspend(false);
        _device.PutNoIdle();
        _device.ScheduleSuspend(50);

        _device.Resume();

        _device.TimerExpires.Should().BeNull();
        _core.Clock.Pending.Should().BeEmpty();
    }

    [Fact]
    public void A_plain_suspend_does_not_wait_for_the_delay()
    {
        _device.MarkLastBusy();

        _device.PutSyncSuspend().Should().Be(KernelResult.Success);

        _device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_negative_delay_counts_as_a_user()
    {
        _device.PutNoIdle();

        _device.SetAutosuspendDelay(-1);
        _device.UsageCount.Should().Be(1);
        _device.SetAutosuspendDelay(-2);
        _device.UsageCount.Should().Be(1);

        _device.SetAutosuspendDelay(0);
        _device.UsageCount.Should().Be(0);
        _device.Status.Should().Be(RuntimeStatus.Suspended, "the change runs an idle notification");
    }

    [Fact]
    public void A_callback_that_is_busy_and_marks_the_device_so_gets_another_delay()
    {
        RuntimePmDevice device = _core.AddActive("disk", callbacks: new DriverCallbacks
        {
            Suspend = static busy =>
            {
                busy.MarkLastBusy();
                return Errno.EBUSY;
            },
        });
        device.GetSync();
        device.SetAutosuspendDelay(100);
        device.SetUseAutosuspend(true);

        device.PutSyncAutosuspend().Should().Be(KernelResult.Success);

        device.Status.Should().Be(RuntimeStatus.Active);
        device.TimerExpires.Should().Be(_core.Clock.Now + TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void A_shorter_delay_brings_the_timer_forward()
    {
        _device.MarkLastBusy();
        _device.PutAutosuspend();

        _device.SetAutosuspendDelay(40);

        _core.Clock.Pending.Should().ContainSingle("the later timer is gone");
        _core.Advance(40);
        _device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_timer_that_is_due_at_the_right_moment_is_left_alone_with_its_slack()
    {
        _device.MarkLastBusy();
        _device.PutAutosuspend();
        _core.Advance(60);
        _device.MarkLastBusy();

        _device.SetAutosuspendDelay(40);

        PendingEvent timer = _core.Clock.Pending.Single();
        (timer.Latest - timer.Due).Should().Be(TimeSpan.FromMilliseconds(25), "it was set for a delay of 100");
    }

    [Fact]
    public void A_negative_delay_in_place_of_another_only_shows_in_the_trace()
    {
        _device.SetAutosuspendDelay(-1);
        TraceRecorder recorder = TraceRecorder.Of(_core);

        _device.SetAutosuspendDelay(-2);

        recorder.Lines.Should().Equal("rpm_usage nic flags-0 cnt-2 dep-0 auto-1 p-0 irq-0 child-0");
    }
}
