namespace VfioPm.Tests;

/// <summary>
/// What a user of vfio-pci finds after the host slept. The driver has no callbacks of system sleep in any kernel, so that the PCI core does all,
/// and neither the user nor his guest hears of it.
/// </summary>
public sealed class HostSleepTests
{
    private const uint Enabled = PciRegisters.CommandMemory | PciRegisters.CommandMaster;

    private static readonly TimeSpan Night = TimeSpan.FromHours(8);

    public static TheoryData<string> All => [.. KernelProfile.All.Concat(KernelProfile.Revisions).Select(static profile => profile.Name)];

    public static TheoryData<string> WithLowPower => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(All))]
    public void A_guest_that_was_busy_finds_its_configuration_and_not_its_devices_registers(string profile)
    {
        var machine = new Machine(KernelProfile.Parse(profile));
        using VfioDeviceFile file = machine.Open();
        file.Config.Write(PciRegisters.Command, 2, Enabled);
        VfioMapping mapping = file.Map(0, 0, 0x1000);
        mapping.Write(0x10, 4, 0x1234);

        machine.Host.SystemSleep.Suspend(SystemSleepState.Mem, Night).Should().Be(KernelResult.Success);

        machine.Nic.Should().BeIn(PowerState.D0);
        file.Config.ReadPmcsrState().Should().Be(PowerState.D0);
        mapping.Read(0x10, 4).Value.Should().NotBe(0x1234u, "S3 took the power, and nobody told the guest");
        (file.Config.Read(PciRegisters.Command, 2) & PciRegisters.CommandMemory).Should().NotBe(0);
    }

    [Theory]
    [InlineData("linux-5.10", false)]
    [InlineData("pre-rfc", false)]
    [InlineData("rfc-v1", true)]
    [InlineData("linux-6.1", true)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", true)]
    public void Before_vfio_pci_had_dev_pm_ops_a_guests_device_was_master_of_the_bus_no_more(string profile, bool isMaster)
    {
        var machine = new Machine(KernelProfile.Parse(profile));
        using VfioDeviceFile file = machine.Open();
        file.Config.Write(PciRegisters.Command, 2, Enabled);

        machine.Host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);

        ((file.Config.Read(PciRegisters.Command, 2) & PciRegisters.CommandMaster) != 0).Should().Be(isMaster);
    }

    [Theory]
    [InlineData("linux-5.10")]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void A_device_that_its_guest_put_to_D3hot_is_in_D0_afterwards(string profile)
    {
        var machine = new Machine(KernelProfile.Parse(profile), cutsPower: false);
        using VfioDeviceFile file = machine.OpenIn(PowerState.D3Hot);
        machine.Nic.Should().BeIn(PowerState.D3Hot);

        machine.Host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);

        machine.Nic.Should().BeIn(PowerState.D0);
        machine.Nic.Hardware.PowerState.Should().Be(PowerState.D0);
        file.Config.ReadPmcsrState().Should().Be(PowerState.D0, "PMCSR's state is read from the device");
    }

    [Theory]
    [MemberData(nameof(WithLowPower))]
    public void A_device_in_low_power_sleeps_through_suspend_to_idle_and_its_user_hears_nothing(string profile)
    {
        var machine = new Machine(KernelProfile.Parse(profile));
        using VfioDeviceFile file = machine.Open();
        var wakeup = new EventFd();
        file.EnterLowPower(wakeup).Should().Succeed();
        machine.Settle();
        machine.Nic.Should().BeIn(PowerState.D3Cold);

        machine.Host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);
        machine.Settle();

        machine.Nic.Should().BeIn(PowerState.D3Cold);
        wakeup.Count.Should().Be(0);
        file.ExitLowPower().Should().Succeed();
    }

    [Theory]
    [MemberData(nameof(WithLowPower))]
    public void A_device_in_low_power_is_woken_by_S3_as_by_anything_else(string profile)
    {
        var machine = new Machine(KernelProfile.Parse(profile));
        using VfioDeviceFile file = machine.Open();
        var wakeup = new EventFd();
        file.EnterLowPower(wakeup).Should().Succeed();
        machine.Settle();

        machine.Host.SystemSleep.Suspend(SystemSleepState.Mem, Night).Should().Be(KernelResult.Success);
        wakeup.Count.Should().Be(0, "pm_wq goes on only now");
        machine.Settle();

        wakeup.Count.Should().Be(1);
        machine.Nic.Should().BeIn(PowerState.D0);
    }

    [Theory]
    [MemberData(nameof(WithLowPower))]
    public void A_device_that_nobody_has_opened_is_asleep_before_and_after(string profile)
    {
        var machine = new Machine(KernelProfile.Parse(profile));
        machine.Bind();
        machine.Settle();
        machine.Nic.Should().BeIn(PowerState.D3Cold);

        foreach (SystemSleepState state in Enum.GetValues<SystemSleepState>())
        {
            machine.Host.SystemSleep.Suspend(state, Night).Should().Be(KernelResult.Success);
            machine.Settle();
            machine.Nic.Should().BeIn(PowerState.D3Cold);
            machine.Port.Should().BeIn(PowerState.D3Cold);
            machine.Nic.Should().HaveUsageCount(0);
        }
    }

    [Fact]
    public void Interrupts_that_a_guest_had_before_it_has_afterwards()
    {
        var machine = new Machine(KernelProfile.Linux6_12);
        using VfioDeviceFile file = machine.Open();
        file.Config.Write(PciRegisters.Command, 2, Enabled);
        var trigger = new EventFd();
        file.EnableIrqs(VfioIrqIndex.MsiX, trigger).Should().Be(KernelResult.Success);

        machine.Host.SystemSleep.Suspend(SystemSleepState.Mem, Night).Should().Be(KernelResult.Success);

        machine.Nic.Hardware.SendMessage(0).Should().BeTrue();
        trigger.Count.Should().Be(1);
    }
}
