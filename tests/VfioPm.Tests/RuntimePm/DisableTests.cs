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
    public void A_pending_resume_that_disabling_carries_out_leaves_the_users_as_they_were()
    {
        RuntimePmDevice device = _core.AddSuspended("nic");
        device.Get();

        device.Disable();

        device.Should().BeEquivalentTo(new { Status = RuntimeStatus.Active, UsageCount = 1 });
    }

    [Theory]
    [InlineData(false, RuntimeStatus.Active)]
    [InlineData(true, RuntimeStatus.Suspended)]
    public void What_a_driver_left_is_put_in_order_only_with_runtime_PM_disabled(bool isDisabled, RuntimeStatus status)
    {
        RuntimePmDevice device = _core.AddActive("nic");
        device.NeedsForceResume = true;
        if (isDisabled)
        {
            device.Disable();
        }

        using (KernelEntry entry = KernelEntry.Call(_core.Kernel, "nic"))
        {
            entry.Run(PmRuntime.Reinit(device));
        }

        (device.Status, device.NeedsForceResume).Should().Be((status, !isDisabled));
    }

    [Fact]
    public void Before_5_17_the_status_at_the_time_of_disabling_is_forgotten()
    {
        RuntimePmDevice device = new RuntimePmCore(RuntimePmRules.Linux5_10).AddActive("nic");

        device.Disable();

        device.LastStatus.Should().Be(RuntimeStatus.Invalid);
    }

    [Theory]
    [InlineData(false, true, false, true)]
    [InlineData(true, true, false, false)]
    [InlineData(false, false, false, false)]
    [InlineData(false, true, true, false)]
    public void Enabling_warns_of_a_sleeping_device_with_active_children_that_it_minds(
        bool isActive, bool hasActiveChild, bool ignoresChildren, bool warns)
    {
        KernelLog log = new();
        RuntimePmCore core = new(logger: log);
        RuntimePmDevice port = core.AddActive("port");
        RuntimePmDevice nic = core.AddActive("nic", port);
        port.SetIgnoreChildren(ignoresChildren);
        nic.Disable();
        port.Disable();
        (hasActiveChild ? nic.SetActive() : nic.SetSuspended()).Should().Be(KernelResult.Success);
        (isActive ? port.SetActive() : port.SetSuspended()).Should().Be(KernelResult.Success);

        port.Enable();

        log.Lines.Should().HaveCount(warns ? 1 : 0);
    }
}
