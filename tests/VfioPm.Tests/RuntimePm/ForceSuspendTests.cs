namespace VfioPm.Tests;

/// <summary>
/// Forcing a device to sleep and back (<c>pm_runtime_force_suspend()</c>, <c>pm_runtime_force_resume()</c>).
/// </summary>
public sealed class ForceSuspendTests
{
    private readonly RuntimePmCore _core = new();

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
    public void What_sleeps_already_is_not_put_to_sleep_again()
    {
        int suspends = 0;
        DriverCallbacks callbacks = new()
        {
            Suspend = _ =>
            {
                suspends++;
                return 0;
            },
        };
        RuntimePmDevice asleep = _core.AddSuspended("nic", callbacks: callbacks);
        asleep.ForceSuspend().Should().Be(KernelResult.Success);
        suspends.Should().Be(0);

        RuntimePmDevice used = new RuntimePmCore(RuntimePmRules.Linux7_3).AddActive("nic", callbacks: callbacks);
        used.GetNoResume();
        used.GetNoResume();
        used.ForceSuspend();
        used.ForceSuspend().Should().Be(KernelResult.Success);

        suspends.Should().Be(1);
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

    [Fact]
    public void A_device_that_wakes_after_a_system_sleep_was_just_used()
    {
        RuntimePmDevice device = _core.AddActive("nic");
        device.GetNoResume();
        device.GetNoResume();
        device.ForceSuspend();
        _core.Advance(1000);

        device.ForceResume();

        device.LastBusy.Should().Be(_core.Clock.Now);
    }

    [Fact]
    public void A_device_without_callbacks_goes_through_a_system_sleep_on_any_kernel()
    {
        RuntimePmCore core = new(RuntimePmRules.Linux5_10);
        RuntimePmDevice device = core.AddActive("nic", callbacks: new DriverCallbacks { Suspend = null, Resume = null });
        device.GetNoResume();
        device.GetNoResume();

        device.ForceSuspend().Should().Be(KernelResult.Success);
        device.Status.Should().Be(RuntimeStatus.Suspended);
        device.ForceResume().Should().Be(KernelResult.Success);
        device.Status.Should().Be(RuntimeStatus.Active);
    }
}
