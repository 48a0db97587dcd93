namespace VfioPm.Tests;

public sealed class DisableTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void Disabling_nests()
    {
        RuntimePmDevice device = _core.AddActive("nic");

        device.Disable();
        device.Disable();
        device.Enable();
        device.IsEnabled.Should().BeFalse();
        device.Enable();

        device.IsEnabled.Should().BeTrue();
    }

    [Fact]
    public void With_runtime_PM_disabled_a_device_counts_as_active_whatever_its_status()
    {
        RuntimePmDevice device = _core.AddSuspended("nic");
        (device.IsActive, device.IsSuspended).Should().Be((false, true));

        device.Disable();

        (device.IsActive, device.IsSuspended).Should().Be((true, false));
    }

    [Fact]
    public void The_status_at_the_time_of_disabling_is_remembered()
    {
        RuntimePmDevice device = _core.AddActive("nic");

        device.Disable();
        device.LastStatus.Should().Be(RuntimeStatus.Active);
        device.Resume().Value.Should().Be(1);
        device.IsActive.Should().BeTrue();

        device.Enable();
        device.LastStatus.Should().Be(RuntimeStatus.Invalid);
    }

    [Fact]
    public void A_disabled_device_that_slept_cannot_be_resumed()
    {
        RuntimePmDevice device = _core.AddSuspended("nic");
        device.Disable();
        device.SetActive();

        device.Resume().Errno.Should().Be(Errno.EACCES);
    }

    [Fact]
    public void Disabling_carries_out_a_pending_resume_unless_told_not_to()
    {
        RuntimePmDevice resumed = _core.AddSuspended("nic");
        resumed.RequestResume();
        resumed.Disable();
        resumed.Status.Should().Be(RuntimeStatus.Active);

        RuntimePmDevice left = _core.AddSuspended("disk");
        left.RequestResume();
        left.Disable(carryOutPendingResume: false);
        left.Status.Should().Be(RuntimeStatus.Suspended);
        left.RequestPending.Should().BeFalse();
    }

    [Fact]
    public void A_barrier_carries_out_a_pending_resume_and_says_so_even_if_it_fails()
    {
        RuntimePmDevice device = _core.AddSuspended("nic", callbacks: Rpm.Resuming(Errno.EIO));
        device.RequestResume();

        device.Barrier().Value.Should().Be(1);
        device.Barrier().Value.Should().Be(0);

        device.RuntimeError.Errno.Should().Be(Errno.EIO);
    }

    [Fact]
    public void A_barrier_takes_back_what_is_pending()
    {
        RuntimePmDevice device = _core.AddActive("nic");
        device.RequestAutosuspend();
        device.ScheduleSuspend(50);
        device.RequestPending.Should().BeTrue("the work item of the cancelled request is still queued");

        device.Barrier();

        device.Should().BeEquivalentTo(new { RequestPending = false, TimerExpires = (TimeSpan?)null });
        _core.Clock.Pending.Should().BeEmpty();
    }

    [Fact]
    public void The_status_of_an_enabled_device_cannot_be_set() =>
        _core.AddActive("nic").SetSuspended().Errno.Should().Be(Errno.EAGAIN);

    [Fact]
    public void An_active_child_cannot_be_put_below_a_sleeping_parent()
    {
        RuntimePmDevice port = _core.AddSuspended("port");
        RuntimePmDevice nic = _core.AddDevice("nic", port);

        nic.SetActive().Errno.Should().Be(Errno.EBUSY);

        nic.Status.Should().Be(RuntimeStatus.Suspended);
        port.ChildCount.Should().Be(0);
    }

    [Fact]
    public void A_supplier_that_does_not_come_up_makes_the_device_count_as_suspended()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock", callbacks: Rpm.Resuming(Errno.EIO));
        RuntimePmDevice nic = _core.AddDevice("nic");
        nic.AddSupplier(clock);

        nic.SetActive().Errno.Should().Be(Errno.EIO);

        nic.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_system_sleep_puts_a_used_device_to_sleep_and_wakes_it_again()
    {
        RuntimePmDevice device = _core.AddActive("nic");
        device.GetNoResume();
        device.GetNoResume();

        device.ForceSuspend().Should().Be(KernelResult.Success);
        device.Should().BeEquivalentTo(
            new { Status = RuntimeStatus.Suspended, IsEnabled = false, NeedsForceResume = true });

        device.ForceResume().Should().Be(KernelResult.Success);
        device.Should().BeEquivalentTo(
            new { Status = RuntimeStatus.Active, IsEnabled = true, NeedsForceResume = false });
    }

    [Fact]
    public void A_device_that_only_the_sleep_itself_uses_stays_asleep()
    {
        RuntimePmDevice device = _core.AddActive("nic");
        device.GetNoResume();

        device.ForceSuspend();
        device.ForceResume();

        device.Should().BeEquivalentTo(new { Status = RuntimeStatus.Suspended, IsEnabled = true });
    }

    [Fact]
    public void In_7_3_a_used_device_is_not_called_suspended_over_a_system_sleep()
    {
        RuntimePmDevice device = new RuntimePmCore(RuntimePmRules.Linux7_3).AddActive("nic");
        device.GetNoResume();
        device.GetNoResume();

        device.ForceSuspend();
        device.ForceSuspend().Should().Be(KernelResult.Success);

        device.Should().BeEquivalentTo(new { Status = RuntimeStatus.Active, NeedsForceResume = true });
    }

    [Fact]
    public void A_callback_that_fails_before_a_system_sleep_leaves_the_device_awake()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Suspending(Errno.EIO));

        device.ForceSuspend().Errno.Should().Be(Errno.EIO);

        device.Should().BeEquivalentTo(new { Status = RuntimeStatus.Active, IsEnabled = true });
    }

    [Fact]
    public void A_callback_that_fails_after_a_system_sleep_leaves_the_device_asleep()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Resuming(Errno.EIO));
        device.GetNoResume();
        device.GetNoResume();
        device.ForceSuspend();

        device.ForceResume().Errno.Should().Be(Errno.EIO);

        device.Should().BeEquivalentTo(new { Status = RuntimeStatus.Suspended, IsEnabled = true });
    }
}
