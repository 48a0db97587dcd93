namespace VfioPm.Tests;

/// <summary>
/// What running the RFC showed beyond the review, gone in Linux 6.1. Flaws of single ioctls are with the tests of the
/// ioctl: resets in <see cref="DeviceResetTests"/> and <see cref="HotResetTests"/>, counts of interrupts in
/// <see cref="IrqInfoTests"/>, the ROM in <see cref="DeviceFileRegionTests"/>.
/// </summary>
public sealed class MoreFindingsTests
{
    private readonly Machine _rfc = new(KernelProfile.RfcV1);
    private readonly Machine _linux6_1 = new(KernelProfile.Linux6_1);

    // Without D3cold: the port of the recordings' topology a-d3hot-port.
    [Fact]
    public void A_configuration_read_of_a_function_in_D3hot_leaves_its_port_awake_with_a_count_of_zero()
    {
        Machine machine = new(KernelProfile.RfcV1, cutsPower: false);
        using VfioDeviceFile device = machine.OpenAndSleep();
        machine.Port.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);

        device.Config.Read(PciRegisters.Status, 2);
        machine.Settle();
        machine.Settle();

        machine.Port.Should().BeIn(PowerState.D0).And.HaveUsageCount(0).And.HaveRuntimeStatus(RuntimeStatus.Active);
    }

    [Fact]
    public void In_Linux_6_1_the_port_goes_back_to_sleep_after_a_configuration_read()
    {
        Machine machine = new(KernelProfile.Linux6_1, cutsPower: false);
        using VfioDeviceFile device = machine.Open();
        device.EnterLowPower();
        machine.Settle();
        machine.Port.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);

        device.Config.Read(PciRegisters.Status, 2);
        machine.Settle();

        machine.Port.Should().BeIn(PowerState.D3Hot).And.HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    [Fact]
    public void In_Linux_6_1_a_reset_in_D3hot_ends_in_D0_for_everybody()
    {
        using VfioDeviceFile device = _linux6_1.OpenAndSleep();

        device.Reset().Should().Be(KernelResult.Success);

        _linux6_1.Nic.Should().BeIn(PowerState.D0).And.HaveRuntimeStatus(RuntimeStatus.Active);
        device.Config.ReadPmcsrState().Should().Be(PowerState.D0);
    }

    [Fact]
    public void What_a_reset_without_power_destroyed_comes_back_when_the_device_is_opened_anew()
    {
        using VfioDeviceFile device = _rfc.OpenAndSleep();
        device.Reset().Should().Be((KernelResult)Errno.ENOTTY);
        device.Config.WritePmcsrState(PowerState.D0);
        Bar0.Should().Be(0);

        device.Close();
        _rfc.Host.VfioPci.Devices[0].Open();

        Bar0.Should().NotBe(0);
    }

    [Fact]
    public void In_Linux_6_1_the_ROM_of_a_function_without_power_is_found()
    {
        using VfioDeviceFile device = _linux6_1.Open();
        device.EnterLowPower();
        _linux6_1.Settle();
        _linux6_1.Nic.Should().BeIn(PowerState.D3Cold);

        device.GetRegionInfo(VfioRegion.Rom, out VfioRegionInfo awake);

        awake.Size.Should().Be(RomSizeInD0());
    }

    private static ulong RomSizeInD0()
    {
        using VfioDeviceFile device = new Machine(KernelProfile.Linux6_1).Open();
        device.GetRegionInfo(VfioRegion.Rom, out VfioRegionInfo info);
        return info.Size;
    }

    private uint Bar0 => _rfc.Nic.Hardware.Configuration.Read(PciRegisters.BaseAddress0, 4);
}
