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
