namespace VfioPm.Tests;

public sealed class UsageCountTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void A_get_of_a_suspended_device_queues_a_resume()
    {
        RuntimePmDevice device = _core.AddSuspended("nic");

        device.Get().Should().Be(KernelResult.Success);

        device.Should().BeEquivalentTo(new { UsageCount = 1, Status = RuntimeStatus.Suspended, RequestPending = true });
        device.Request.Should().Be(RuntimePmRequest.Resume);
        _core.Clock.RunPending();
        device.Status.Should().Be(RuntimeStatus.Active);
    }

    [Fact]
    public void A_get_of_an_active_device_returns_1()
    {
        RuntimePmDevice device = _core.AddActive("nic");

        device.GetSync().Value.Should().Be(1);
        device.Get().Value.Should().Be(1);

        device.UsageCount.Should().Be(2);
    }

    [Fact]
    public void A_failed_get_still_counts_the_user()
    {
        RuntimePmDevice device = _core.AddDevice("nic");

        device.GetSync().Errno.Should().Be(Errno.EACCES);

        device.UsageCount.Should().Be(1);
    }

    [Fact]
    public void A_failed_resume_and_get_counts_nobody()
    {
        RuntimePmDevice device = _core.AddDevice("nic");

        device.ResumeAndGet().Errno.Should().Be(Errno.EACCES);

        device.UsageCount.Should().Be(0);
    }

    [Fact]
    public void The_last_put_lets_the_device_sleep()
    {
        RuntimePmDevice device = _core.AddActive("nic");
        device.GetSync();
        device.GetSync();

        device.Put().Should().Be(KernelResult.Success);
        _core.Clock.RunPending();
        device.Status.Should().Be(RuntimeStatus.Active);

        device.Put();
        device.Status.Should().Be(RuntimeStatus.Active, "the work item is only queued");
        _core.Clock.RunPending();
        device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_synchronous_put_suspends_before_it_returns()
    {
        RuntimePmDevice device = _core.AddActive("nic");
        device.GetSync();

        device.PutSync().Should().Be(KernelResult.Success);

        device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_put_without_a_get_is_refused_since_5_15()
    {
        RuntimePmDevice device = _core.AddActive("nic");

        device.Put().Errno.Should().Be(Errno.EINVAL);

        device.UsageCount.Should().Be(0);
    }

    [Fact]
    public void A_put_without_a_get_goes_below_zero_in_5_10()
    {
        RuntimePmDevice device = new RuntimePmCore(RuntimePmRules.Linux5_10).AddActive("nic");

        device.Put().Should().Be(KernelResult.Success);

        device.UsageCount.Should().Be(-1);
        device.Suspend().Should().Be(KernelResult.Success, "a negative count keeps nothing awake");
    }

    [Fact]
    public void A_count_that_a_negative_delay_takes_below_zero_keeps_the_device_awake_but_not_in_5_10()
    {
        TakeBelowZero(RuntimePmRules.Linux6_1).Should().Be(RuntimeStatus.Active);
        TakeBelowZero(RuntimePmRules.Linux5_10).Should().Be(RuntimeStatus.Suspended);

        static RuntimeStatus TakeBelowZero(RuntimePmRules rules)
        {
            RuntimePmDevice device = new RuntimePmCore(rules).AddActive("nic");
            device.SetAutosuspendDelay(-1);
            device.SetUseAutosuspend(true);
            device.PutNoIdle();
            device.SetUseAutosuspend(false);
            device.UsageCount.Should().Be(-1);
            return device.Status;
        }
    }

    [Fact]
    public void A_put_without_idle_never_goes_below_zero()
    {
        RuntimePmDevice device = _core.AddActive("nic");

        device.PutNoIdle();

        device.UsageCount.Should().Be(0);
    }

    [Fact]
    public void A_device_is_taken_only_if_it_is_active_and_in_use()
    {
        RuntimePmDevice device = _core.AddActive("nic");
        device.GetIfInUse().Value.Should().Be(0, "nobody uses it");
        device.GetIfActive(ignoreUsageCount: false).Value.Should().Be(0);
        device.GetIfActive().Value.Should().Be(1);
        device.GetIfInUse().Value.Should().Be(1);
        device.UsageCount.Should().Be(2);

        _core.AddSuspended("other").GetIfActive().Value.Should().Be(0);
        _core.AddDevice("third").GetIfActive().Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void In_6_12_an_active_child_counts_as_use()
    {
        RuntimePmCore core = new(RuntimePmRules.Linux6_12);
        RuntimePmDevice port = core.AddActive("port");
        port.GetIfInUse().Value.Should().Be(0);
        core.AddActive("nic", port);

        port.GetIfInUse().Value.Should().Be(1);

        port.PutNoIdle();
        port.SetIgnoreChildren(true);
        port.GetIfInUse().Value.Should().Be(0);
        port.GetIfActive(ignoreUsageCount: false).Value.Should().Be(1, "the argument is gone");
    }

    [Fact]
    public void A_put_of_a_suspended_device_says_so_differently_in_7_3()
    {
        Put(RuntimePmRules.Linux6_12).Errno.Should().Be(Errno.EAGAIN);
        Put(RuntimePmRules.Linux7_3).Value.Should().Be(1);

        static KernelResult Put(RuntimePmRules rules)
        {
            RuntimePmDevice device = new RuntimePmCore(rules).AddSuspended("nic");
            device.GetNoResume();
            return device.PutSync();
        }
    }

    [Fact]
    public void Forbidding_runtime_pm_counts_one_user_until_it_is_allowed()
    {
        RuntimePmDevice device = _core.AddSuspended("nic");

        device.Forbid();
        device.Forbid();

        device.Should().BeEquivalentTo(new { UsageCount = 1, RuntimeAuto = false, Status = RuntimeStatus.Active });

        device.Allow();
        device.Allow();
        _core.Clock.RunPending();

        device.Should().BeEquivalentTo(new { UsageCount = 0, RuntimeAuto = true, Status = RuntimeStatus.Suspended });
    }

    [Fact]
    public void The_administrator_counts_once_for_the_control_and_once_for_a_delay_below_zero()
    {
        RuntimePmDevice device = _core.AddActive("nic");
        device.Forbid();
        device.UsageOfAdministrator.Should().Be(1);
        device.SetAutosuspendDelay(-1);
        device.SetUseAutosuspend(true);

        (device.UsageOfAdministrator, device.UsageCount).Should().Be((2, 2));
    }

    /// <summary>A test's own device may be called like a function.</summary>
    [Fact]
    public void A_baseline_of_two_devices_of_one_name_has_the_first_ones_count()
    {
        RuntimePmCore core = new();
        RuntimePmDevice first = core.AddActive("nic");
        first.GetSync();
        core.AddActive("nic");

        UsageBaseline.Of(core).CountOf(first).Should().Be(1);
    }
}
