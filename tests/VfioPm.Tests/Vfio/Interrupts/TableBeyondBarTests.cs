using System.Buffers.Binary;

namespace VfioPm.Tests.Vfio.Interrupts;

/// <summary>
/// A function that says that its table of vectors lies behind the end of the BAR: the kernel maps what is there
/// (<c>msix_map_region()</c>), writes get lost, and the function has no vector to send.
/// </summary>
public class TableBeyondBarTests
{
    private const int MsiX = 0xa0;
    private const int PendingBits = 8;
    private const uint Bar = 3;
    private const uint BarSize = 0x4000;

    [Fact]
    public void Of_a_table_behind_its_BAR_interrupts_are_enabled_and_none_comes()
    {
        using VfioDeviceFile file = Open(MsiRegisters.MsiXTable, BarSize, out PciDevice nic);
        EventFd fd = new();

        file.EnableIrqs(VfioIrqIndex.MsiX, fd).Should().Be(KernelResult.Success);

        nic.Hardware.SendMessage(0).Should().BeFalse();
        fd.Count.Should().Be(0);
        file.DisableIrqs(VfioIrqIndex.MsiX).Should().Be(KernelResult.Success);
    }

    [Fact]
    public void Of_a_table_that_the_end_of_the_BAR_cuts_the_first_vectors_come()
    {
        using VfioDeviceFile file = Open(MsiRegisters.MsiXTable, BarSize - MsiRegisters.MsiXEntrySize, out PciDevice nic);
        EventFd[] fds = [new(), new()];

        file.EnableIrqs(VfioIrqIndex.MsiX, fds[0], fds[1]).Should().Be(KernelResult.Success);

        nic.Hardware.SendMessage(0).Should().BeTrue();
        nic.Hardware.SendMessage(1).Should().BeFalse();
        fds[0].Count.Should().Be(1);
        fds[1].Count.Should().Be(0);
    }

    [Fact]
    public void Nobody_looks_for_pending_bits_behind_the_BAR()
    {
        using VfioDeviceFile file = Open(PendingBits, BarSize, out PciDevice nic);
        EventFd fd = new();

        file.EnableIrqs(VfioIrqIndex.MsiX, fd).Should().Be(KernelResult.Success);

        nic.Hardware.SendMessage(0).Should().BeTrue();
        fd.Count.Should().Be(1);
    }

    private static VfioDeviceFile Open(int register, uint offset, out PciDevice nic)
    {
        byte[] bytes = [.. DeviceImages.E1000E.Bytes.Span];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(MsiX + register), offset | Bar);
        var host = new SimulatedHost(KernelProfile.Linux6_12);
        nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithBytes(bytes));
        VfioDeviceFile file = host.VfioPci.Bind(nic).Open();
        file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandMaster);
        return file;
    }
}
