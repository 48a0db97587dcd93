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

    // pci_pm_complete() of who is awake, pci_pm_resume() (pci_enable_wake()) of who was to wake the machine.
    [Theory]
    [InlineData("enabled")]
    [InlineData("disabled")]
    public void PME_of_a_function_in_use_is_off_before_and_after_the_night(string wakeup)
    {
        Machine machine = Asleep("linux-6.12", Machine.WithPme());
        machine.Nic.Sysfs.Write("power/wakeup", wakeup).Should().Succeed();
        machine.Nic.RuntimePm.GetSync();
        AssertsPme(machine).Should().BeFalse();

        PendingCall sleep = machine.Host.SystemSleep.BeginSuspend(SystemSleepState.S2Idle, Night);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        machine.Host.SystemSleep.IsAsleep.Should().BeTrue();
        machine.Nic.Should().BeIn(PowerState.D3Hot);
        AssertsPme(machine).Should().Be(wakeup == "enabled");
        machine.Host.Clock.AdvanceUntil(() => sleep.IsCompleted, Night).Should().BeTrue();

        machine.Nic.Should().BeIn(PowerState.D0);
        AssertsPme(machine).Should().BeFalse();
        machine.Nic.Wakeup.IsPrepared.Should().BeFalse();
    }

    // pcie_pme_root_status_cleanup(), and pci_pm_bridge_power_up_actions(): firmware left the status, and nobody is asked before he can answer.
    [Fact]
    public void A_root_port_comes_back_from_S3_without_its_PME_status_and_gives_who_is_below_the_time_that_he_needs()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12, firmware: new Firmware { GrantsPme = false });
        PciDevice port = host.AddRootPort("0000:00:03.0", static setup => setup.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        host.Drivers.Register(new ScriptedDriver { OnSystemSleep = static (_, _) => 0 });
        nic.Bind(host.Drivers["nic"]);
        PmRuntime.GetNoResume(nic.RuntimePm);
        int status = port.Express!.Offset + ExpressRegisters.RootStatus;
        PendingCall sleep = host.SystemSleep.BeginSuspend(SystemSleepState.S2Idle, Night);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        host.SystemSleep.IsAsleep.Should().BeTrue();
        port.Hardware.PowerState.Should().Be(PowerState.D3Cold);
        port.Hardware.Configuration.SetBits(status + 2, (ushort)(ExpressRegisters.RootStatusPme >> 16), set: true);

        host.Clock.AdvanceUntil(() => sleep.IsCompleted, Night).Should().BeTrue();

        (port.Hardware.ReadConfig(status, 4) & ExpressRegisters.RootStatusPme).Should().Be(0);
        nic.Hardware.Faults.Should().BeEmpty();
        nic.Should().BeIn(PowerState.D0);
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
