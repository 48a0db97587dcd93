namespace VfioPm.Tests;

/// <summary>Functions of Intel's whose INTx never works (<c>vfio_pci_nointx()</c>): they are to be quiet, and use messages.</summary>
public sealed class BrokenIntxTests
{
    [Theory]
    [InlineData(0x8086, 0x1572, true)]
    [InlineData(0x8086, 0x1573, false)]
    [InlineData(0x8086, 0x1580, true)]
    [InlineData(0x8086, 0x1581, true)]
    [InlineData(0x8086, 0x1582, false)]
    [InlineData(0x8086, 0x1583, true)]
    [InlineData(0x8086, 0x158b, true)]
    [InlineData(0x8086, 0x158c, false)]
    [InlineData(0x10ec, 0x1572, false)]
    public void Their_user_finds_none_and_their_line_is_quiet(int vendor, int device, bool isBroken)
    {
        Machine machine = Make(vendor, device);
        using VfioDeviceFile file = machine.Open();

        IsQuiet(machine).Should().Be(isBroken);
        file.GetIrqInfo(VfioIrqIndex.Intx, out VfioIrqInfo info).Should().Succeed();
        info.Count.Should().Be(isBroken ? 0 : 1);
    }

    [Theory]
    [InlineData(VfioIrqIndex.Msi)]
    [InlineData(VfioIrqIndex.MsiX)]
    public void It_is_quiet_after_the_user_gave_his_messages_up_too(VfioIrqIndex index)
    {
        Machine machine = Make(0x8086, 0x1572);
        using VfioDeviceFile file = machine.Open();
        file.EnableIrqs(index, new EventFd()).Should().Succeed();

        file.DisableIrqs(index).Should().Succeed();

        IsQuiet(machine).Should().BeTrue("pci_disable_msi() lets INTx speak again");
    }

    [Fact]
    public void Where_the_administrator_says_that_INTx_cannot_be_masked_nobody_looks_for_them()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12, new VfioModuleParameters { NoIntxMask = true });
        PciDevice nic = host.AddRootPort(Machine.PortAddress).AddEndpoint(Machine.NicAddress, DeviceImages.E1000E.WithIdentity(0x8086, 0x1572));
        using VfioDeviceFile file = host.VfioPci.Bind(nic).Open();

        file.GetIrqInfo(VfioIrqIndex.Intx, out VfioIrqInfo info).Should().Succeed();

        info.Count.Should().Be(1);
    }

    private static Machine Make(int vendor, int device) => new(
        KernelProfile.Linux6_12, image: DeviceImages.E1000E.WithIdentity((ushort)vendor, (ushort)device));

    private static bool IsQuiet(Machine machine) =>
        (machine.Nic.Hardware.Configuration.Read(PciRegisters.Command, 2) & PciRegisters.CommandInterruptDisable) != 0;
}
