namespace VfioPm.Tests;

/// <summary>Functions that sleep on while the machine does (<c>pci_dev_need_resume()</c>, <c>pci_dev_adjust_pme()</c>, <c>pci_pm_complete()</c>).</summary>
public sealed class DirectCompleteTests
{
    private static readonly TimeSpan Night = TimeSpan.FromHours(8);

    // pci_dev_adjust_pme(): who is not to wake the machine does not assert PME# meanwhile, and may again afterwards.
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void PME_of_a_suspended_function_that_is_not_to_wake_the_machine_is_off_for_the_night(string profile)
    {
        Machine machine = Asleep(profile, Machine.WithPme());
        AssertsPme(machine).Should().BeTrue();

        PendingCall sleep = machine.Host.SystemSleep.BeginSuspend(SystemSleepState.S2Idle, Night);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        machine.Host.SystemSleep.IsAsleep.Should().BeTrue();
        AssertsPme(machine).Should().BeFalse();
        machine.Nic.Should().BeIn(PowerState.D3Hot);

        machine.Host.Clock.AdvanceUntil(() => sleep.IsCompleted, Night).Should().BeTrue();
        AssertsPme(machine).Should().BeTrue();
    }

    [Fact]
    public void PME_of_a_suspended_function_that_is_to_wake_the_machine_stays_on()
    {
        Machine machine = Asleep("linux-6.12", Machine.WithPme());
        machine.Nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();

        machine.Host.SystemSleep.BeginSuspend(SystemSleepState.S2Idle, Night);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));

        machine.Host.SystemSleep.IsAsleep.Should().BeTrue();
        AssertsPme(machine).Should().BeTrue();
    }

    // pci_dev_complete_resume(): D3hot as before is no reason to wake anybody, D0 is.
    [Theory]
    [InlineData(true, RuntimePmRequest.None)]
    [InlineData(false, RuntimePmRequest.Resume)]
    public void A_suspended_function_is_resumed_after_S3_if_that_woke_it(bool keepsRegisters, object request)
    {
        Machine machine = Asleep(
            "linux-6.12", DeviceImages.E1000E, new HardwareBehavior { KeepsRegistersWithoutPower = keepsRegisters, KeepsRegistersOverD3Hot = keepsRegisters });

        machine.Host.SystemSleep.Suspend(SystemSleepState.Mem, Night).Should().Be(KernelResult.Success);

        machine.Nic.RuntimePm.Request.Should().Be((RuntimePmRequest)request);
    }

    private static Machine Asleep(string profile, DeviceImage image, HardwareBehavior? nic = null)
    {
        var machine = new Machine(KernelProfile.Parse(profile), cutsPower: false, image: image, nic: nic);
        machine.Port.Sysfs.Write("power/control", "on").Should().Succeed();
        var driver = new ScriptedDriver { OnSystemSleep = static (_, phase) => phase == SleepPhase.Prepare ? 1 : 0 };
        machine.Host.Drivers.Register(driver);
        machine.Nic.Bind(driver);
        machine.Settle();
        machine.Nic.Should().BeIn(PowerState.D3Hot);
        return machine;
    }

    private static bool AssertsPme(Machine machine) => machine.Nic.Hardware.Configuration.Has(machine.Pmcsr, 2, PmRegisters.PmeEnable);
}
