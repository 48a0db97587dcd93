namespace VfioPm.Tests;

/// <summary>A device's own wake interrupt (<c>drivers/base/power/wakeirq.c</c>).</summary>
public sealed class WakeIrqTests
{
    private readonly List<bool> _heard = [];
    private readonly RuntimePmCore _core = new(RuntimePmRules.Linux6_12);
    private KernelResult _answer = 0;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void dev_pm_enable_wake_irq_check_enables_it_while_the_device_sleeps(bool reverse)
    {
        RuntimePmDevice sensor = Add();
        sensor.SetDedicatedWakeIrq(reverse).Should().Succeed();
        sensor.SetDedicatedWakeIrq(reverse).Errno.Should().Be(Errno.EEXIST);
        sensor.RaiseWakeIrq().Should().BeFalse("the device is awake");

        sensor.PutSyncSuspend();

        sensor.IsWakeIrqEnabled.Should().BeTrue();
        sensor.RaiseWakeIrq().Should().BeTrue();
        sensor.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
        _core.Clock.RunPending();
        sensor.Should().HaveRuntimeStatus(RuntimeStatus.Active).And.HaveUsageCount(0);
        sensor.IsWakeIrqEnabled.Should().BeFalse();
        _heard.Should().Equal(!reverse, false);
        _core.Log.Select(static line => line.Text).Should().BeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void dev_pm_disable_wake_irq_check_takes_it_back_where_suspending_fails(bool reverse)
    {
        RuntimePmDevice sensor = Add();
        sensor.SetDedicatedWakeIrq(reverse).Should().Succeed();
        _answer = Errno.EBUSY;

        sensor.PutSyncSuspend();

        sensor.Should().HaveRuntimeStatus(RuntimeStatus.Active);
        sensor.IsWakeIrqEnabled.Should().BeFalse();
    }

    [Fact]
    public void A_device_that_does_not_come_back_is_still_listened_to()
    {
        RuntimePmDevice sensor = Add();
        sensor.SetDedicatedWakeIrq().Should().Succeed();
        sensor.PutSyncSuspend();
        _answer = Errno.EAGAIN;

        sensor.RaiseWakeIrq().Should().BeTrue();
        _core.Clock.RunPending();

        sensor.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
        sensor.IsWakeIrqEnabled.Should().BeTrue();
        _core.Log.Select(static line => line.Text).Should().Equal("sensor: wake IRQ with no resume: -11");
    }

    [Fact]
    public void pm_runtime_force_suspend_enables_it_and_pm_runtime_force_resume_disables_it()
    {
        RuntimePmDevice sensor = Add();
        sensor.SetDedicatedWakeIrq().Should().Succeed();
        sensor.GetSync();

        sensor.ForceSuspend().Should().Succeed();
        sensor.IsWakeIrqEnabled.Should().BeTrue();
        sensor.ForceResume().Should().Succeed();

        sensor.IsWakeIrqEnabled.Should().BeFalse();
        sensor.Should().HaveRuntimeStatus(RuntimeStatus.Active);
    }

    [Theory]
    [InlineData(false, null, true)]
    [InlineData(true, null, true)]
    [InlineData(false, Errno.EIO, false)]
    [InlineData(true, Errno.EIO, false)]
    public void pm_runtime_force_suspend_listens_only_to_a_device_that_went_to_sleep(bool reverse, Errno? error, bool isHeard)
    {
        RuntimePmDevice sensor = Add();
        sensor.SetDedicatedWakeIrq(reverse).Should().Succeed();
        _answer = error ?? (KernelResult)0;

        sensor.ForceSuspend().Errno.Should().Be(error);

        sensor.IsWakeIrqEnabled.Should().Be(isHeard);
        _heard.Should().Equal(!reverse);
    }

    [Fact]
    public void pm_runtime_force_resume_that_fails_leaves_it_enabled()
    {
        RuntimePmDevice sensor = Add();
        sensor.SetDedicatedWakeIrq().Should().Succeed();
        sensor.GetSync();
        sensor.ForceSuspend().Should().Succeed();
        _answer = Errno.EIO;

        sensor.ForceResume().Errno.Should().Be(Errno.EIO);

        sensor.IsWakeIrqEnabled.Should().BeTrue();
        _heard.Should().Equal(true, false);
    }

    // Without WAKE_IRQ_DEDICATED_MANAGED the end of the suspend does not enable it.
    [Fact]
    public void One_that_the_driver_sets_while_it_suspends_the_device_is_not_heard_before_the_next_time()
    {
        RuntimePmDevice sensor = _core.AddActive("sensor", callbacks: new DriverCallbacks
        {
            Suspend = static device =>
            {
                device.SetDedicatedWakeIrq(reverse: true);
                return 0;
            },
        });

        sensor.Suspend().Should().Succeed();
        sensor.IsWakeIrqEnabled.Should().BeFalse();
        sensor.Resume().Should().Succeed();
        sensor.Suspend().Should().Succeed();

        sensor.IsWakeIrqEnabled.Should().BeTrue();
    }

    [Fact]
    public void Its_thread_waits_for_a_busy_processor()
    {
        RuntimePmDevice sensor = Add();
        sensor.SetDedicatedWakeIrq().Should().Succeed();
        sensor.PutSyncSuspend();
        sensor.RaiseWakeIrq().Should().BeTrue();

        _core.Clock.Spin(TimeSpan.FromMilliseconds(1));
        sensor.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
        _core.Clock.RunPending();

        sensor.Should().HaveRuntimeStatus(RuntimeStatus.Active);
    }

    [Fact]
    public void A_kernel_that_stops_is_not_woken_by_one_that_was_raised()
    {
        RuntimePmDevice sensor = Add();
        sensor.SetDedicatedWakeIrq().Should().Succeed();
        sensor.PutSyncSuspend();
        sensor.RaiseWakeIrq().Should().BeTrue();

        _core.Halt();
        _core.Clock.RunPending();

        sensor.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
        _core.Clock.Pending.Should().BeEmpty();
    }

    [Fact]
    public void dev_pm_clear_wake_irq_leaves_the_device_deaf()
    {
        RuntimePmDevice sensor = Add();
        sensor.SetDedicatedWakeIrq().Should().Succeed();
        sensor.PutSyncSuspend();
        sensor.RaiseWakeIrq().Should().BeTrue();

        sensor.ClearWakeIrq();
        _core.Clock.RunPending();

        sensor.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
        sensor.RaiseWakeIrq().Should().BeFalse();
    }

    [Fact]
    public void A_fork_is_woken_by_an_interrupt_of_its_own()
    {
        RuntimePmDevice sensor = Add();
        sensor.SetDedicatedWakeIrq(reverse: true).Should().Succeed();
        sensor.PutSyncSuspend();
        RuntimePmCore fork = _core.Fork();

        fork.Devices[0].RaiseWakeIrq().Should().BeTrue();
        fork.Clock.RunPending();

        fork.Devices[0].Should().HaveRuntimeStatus(RuntimeStatus.Active);
        sensor.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    private RuntimePmDevice Add()
    {
        KernelResult Look(RuntimePmDevice device)
        {
            _heard.Add(device.IsWakeIrqEnabled);
            return _answer;
        }

        RuntimePmDevice sensor = _core.AddDevice("sensor", callbacks: new DriverCallbacks { Suspend = Look, Resume = Look, Idle = static _ => Errno.EBUSY });
        sensor.SetActive().Should().Succeed();
        sensor.Enable();
        sensor.GetNoResume();
        return sensor;
    }
}
