namespace VfioPm.Tests;

// What the user of a virtual function sees: vfio_config_init(), vfio_bar_fixup(); recordings "sriov-vf-*".
public sealed class VirtualFunctionTests
{
    private const uint AllOnes = 0xffff_ffff;

    [Fact]
    public void It_has_the_identity_that_its_own_registers_lack()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        VfioDeviceFile file = machine.OpenVirtual();

        file.Config.Read(PciRegisters.VendorId, 4).Should().Be(0x0010_1b36);
        machine.Virtual(0).Hardware.ReadConfig(PciRegisters.VendorId, 4).Should().Be(AllOnes);
    }

    [Fact]
    public void Memory_seems_to_be_enabled_and_stays_so_whatever_the_user_writes()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        VfioDeviceFile file = machine.OpenVirtual();

        file.Config.Read(PciRegisters.Command, 2).Should().Be(PciRegisters.CommandMemory);
        file.Config.Write(PciRegisters.Command, 2, 0);

        file.Config.Read(PciRegisters.Command, 2).Should().Be(0, "it reads what it wrote");
        file.Read(0, 0, new byte[4]).Should().Be((KernelResult)4, "and memory answers all the same");
        file.Map(0, 0, 0x1000).Read(0, 4).IsFault.Should().BeFalse();
    }

    [Fact]
    public void Its_BARs_are_sized_as_the_capability_says()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        VfioDeviceFile file = machine.OpenVirtual();

        file.Config.Write(PciRegisters.BaseAddress0, 4, AllOnes);
        file.Config.Write(PciRegisters.BaseAddress0 + 4, 4, AllOnes);

        file.Config.Read(PciRegisters.BaseAddress0, 4).Should().Be(0xffff_c004, "16 KiB, 64 bits");
        file.Config.Read(PciRegisters.BaseAddress0 + 4, 4).Should().Be(AllOnes);
        file.GetRegionInfo(0, out VfioRegionInfo info).Should().Be(KernelResult.Success);
        info.Size.Should().Be(0x4000);
    }

    [Fact]
    public void It_has_no_interrupt_pin()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1, image: WithPin());
        VfioDeviceFile file = machine.OpenVirtual();

        file.Config.Read(PciRegisters.InterruptPin, 1).Should().Be(0);
        file.GetIrqInfo(VfioIrqIndex.Intx, out VfioIrqInfo info).Should().Be(KernelResult.Success);
        info.Count.Should().Be(0);
    }

    [Fact]
    public void Without_a_PM_capability_it_is_suspended_and_stays_in_D0()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1, image: WithoutPm());

        machine.Enable(1);
        machine.Settle();

        machine.Virtual(0).RuntimeStatus.Should().Be(RuntimeStatus.Suspended);
        machine.Virtual(0).Should().BeIn(PowerState.D0);
        machine.Virtual(0).Sysfs.Read("d3cold_allowed").Text.Should().Be("0");
    }

    [Fact]
    public void It_sleeps_by_itself()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        VfioDeviceFile file = machine.OpenVirtual();

        file.EnterLowPower().Should().Be(KernelResult.Success);
        machine.Settle();
        machine.Virtual(0).Should().BeIn(PowerState.D3Hot);
        machine.Physical.Should().BeIn(PowerState.D0);

        file.Config.Read(PciRegisters.VendorId, 4).Should().Be(0x0010_1b36);
        file.ExitLowPower();
        machine.Virtual(0).Should().BeIn(PowerState.D0);
    }

    [Fact]
    public void Its_reset_is_its_own_and_its_bus_cannot_be_reset()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        VfioDeviceFile file = machine.OpenVirtual();

        file.Reset().Should().Be(KernelResult.Success);
        file.HotReset(file.Group, machine.Bound.Files[0].Group).Errno.Should().Be(Errno.EINVAL);

        machine.Physical.Sriov!.NumVfs.Should().Be(1);
        machine.Virtual(0).ResetMethods.Methods.Should().Equal(ResetMethod.Flr);
    }

    [Fact]
    public void A_reset_of_the_physical_function_makes_it_anew()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        VfioDeviceFile file = machine.OpenVirtual();
        file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMaster);

        machine.Bound.Files[0].Reset().Should().Be(KernelResult.Success);

        machine.Physical.Hardware.Sriov!.IsVfEnabled.Should().BeTrue("the kernel restores the capability");
        machine.Virtual(0).Hardware.ReadConfig(PciRegisters.Command, 2).Should().Be(0, "and nothing of what was in them");
    }

    private static DeviceImage WithPin() => Change(bytes => bytes[PciRegisters.InterruptPin] = 1);

    // MSI-X, then PCI Express, then power management: the chain ends one earlier.
    private static DeviceImage WithoutPm() => Change(bytes => bytes[0x81] = 0);

    private static DeviceImage Change(Action<byte[]> change)
    {
        DeviceImage image = DeviceImages.SriovNvme.VirtualFunction!;
        byte[] bytes = image.Bytes.ToArray();
        change(bytes);
        return DeviceImages.SriovNvme.WithVirtualFunctions(image.WithBytes(bytes));
    }
}
