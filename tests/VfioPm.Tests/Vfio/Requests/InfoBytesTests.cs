using System.Buffers.Binary;

namespace VfioPm.Tests;

// vfio_pci_ioctl_get_info(), _get_region_info(), _get_irq_info().
public sealed class InfoBytesTests
{
    private const int Reset = 1;
    private const int Pci = 2;
    private const int Capabilities = 1 << 7;
    private const byte Unknown = 0x7f;
    private const byte SecondVersion = 2;

    [Theory]
    [InlineData("pre-rfc", 16u, 16)]
    [InlineData("rfc-v1", 19u, 16)]
    [InlineData("linux-6.1", 20u, 20)]
    [InlineData("linux-6.1", 64u, 20)]
    [InlineData("linux-6.12", 16u, 16)]
    [InlineData("linux-6.12", 18u, 18)]
    [InlineData("linux-6.12", 64u, 24)]
    [InlineData("linux-7.3", 24u, 24)]
    public void Device_info_fills_as_much_as_the_kernel_has_and_argsz_says(string profile, uint argumentSize, int filled)
    {
        using var nic = new OpenNic(KernelProfile.Parse(profile));
        byte[] argument = Argument.Of([argumentSize, 0, 0, 0], room: 48);

        nic.File.Ioctl(VfioIoctl.DeviceGetInfo, argument).Should().Be(KernelResult.Success);

        Argument.WordsOf(argument)[..4].Should().Equal(argumentSize, Reset | Pci, 9, 5);
        argument[16..].Should().Equal([.. new byte[filled - 16], .. Enumerable.Repeat(Argument.Untouched, 64 - filled)]);
    }

    [Fact]
    public void Device_info_that_has_no_memory_for_what_argsz_promises_is_a_bad_address()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12);

        nic.File.Ioctl(VfioIoctl.DeviceGetInfo, Argument.Of([24, 0, 0, 0])).Errno.Should().Be(Errno.EFAULT);
    }

    [Theory]
    [InlineData(40u, 40u, 24u)]
    [InlineData(39u, 40u, 0u)]
    public void Atomic_operations_that_function_and_root_port_complete_are_a_capability(
        uint argumentSize, uint comesBack, uint offset)
    {
        VfioDeviceFile file = WithAtomicOps(KernelProfile.Linux6_12, 0x180, 0x380);
        byte[] argument = Argument.Of([argumentSize, 0, 0, 0], room: 32);

        file.Ioctl(VfioIoctl.DeviceGetInfo, argument).Should().Be(KernelResult.Success);

        uint[] words = Argument.WordsOf(argument);
        words[..6].Should().Equal(comesBack, Reset | Pci | Capabilities, 9, 5, offset, 0);
        words[6..10].Should().Equal(offset == 0
            ? [0xeeeeeeee, 0xeeeeeeee, 0xeeeeeeee, 0xeeeeeeee]
            : [0x0001_0005, 0, 3, 0]);
        file.GetInfo(out VfioDeviceInfo info);
        info.AtomicOps.Should().Be(VfioAtomicOps.Completes32 | VfioAtomicOps.Completes64);
    }

    [Fact]
    public void Telling_of_atomic_operations_enables_them()
    {
        VfioDeviceFile file = WithAtomicOps(KernelProfile.Linux6_12, 0x100, 0x100);
        int control = file.Device.Pci.Hardware.Capabilities.Find(CapabilityId.Express)!.Value.Offset
            + ExpressRegisters.DeviceControl2;
        uint Requester() => file.Device.Pci.Hardware.Configuration.Read(control, 2)
            & ExpressRegisters.DeviceControl2AtomicRequester;

        Requester().Should().Be(0);
        file.GetInfo(out _);
        Requester().Should().NotBe(0);
    }

    [Theory]
    [InlineData("linux-6.1", 0x380u, 0x380u)]
    [InlineData("linux-6.12", 0x380u, 0u)]
    [InlineData("linux-6.12", 0u, 0x380u)]
    [InlineData("linux-6.12", 0x80u, 0x100u)]
    public void Without_all_of_them_there_is_no_capability(string profile, uint function, uint port)
    {
        WithAtomicOps(KernelProfile.Parse(profile), function, port).GetInfo(out VfioDeviceInfo info);

        info.AtomicOps.Should().Be(VfioAtomicOps.None);
        info.Flags.Should().Be(VfioDeviceFlags.Pci | VfioDeviceFlags.Reset);
    }

    [Fact]
    public void Region_info_says_where_the_region_lies_in_the_file()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        byte[] argument = Argument.Of([32, 0, VfioRegion.Configuration, 77, 0, 0, 0, 0], room: 8);

        nic.File.Ioctl(VfioIoctl.DeviceGetRegionInfo, argument).Should().Be(KernelResult.Success);

        // Where there are no capabilities their offset stays what the user gave.
        Argument.WordsOf(argument).Should().Equal(32, 3, 7, 77, 4096, 0, 0, 7 << 8, 0xeeeeeeee, 0xeeeeeeee);
    }

    [Theory]
    [InlineData(40u, 40u, 32u)]
    [InlineData(39u, 40u, 0u)]
    [InlineData(32u, 40u, 0u)]
    public void The_bar_with_the_MSI_X_table_has_a_capability_where_argsz_has_room(
        uint argumentSize, uint comesBack, uint offset)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        byte[] argument = Argument.Of([argumentSize, 0, 3, 77, 0, 0, 0, 0], room: 8);

        nic.File.Ioctl(VfioIoctl.DeviceGetRegionInfo, argument).Should().Be(KernelResult.Success);

        uint[] words = Argument.WordsOf(argument);
        words[..4].Should().Equal(comesBack, 15, 3, offset);
        words[8..].Should().Equal(offset == 0 ? [0xeeeeeeee, 0xeeeeeeee] : [0x0001_0003, 0]);
    }

    [Fact]
    public void Region_info_with_no_memory_for_its_capability_is_a_bad_address_and_leaves_the_rest()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        byte[] argument = Argument.Of([40, 0, 3, 77, 0, 0, 0, 0], room: 4);

        nic.File.Ioctl(VfioIoctl.DeviceGetRegionInfo, argument).Errno.Should().Be(Errno.EFAULT);
        Argument.WordsOf(argument)[..4].Should().Equal(40, 0, 3, 77);
    }

    [Theory]
    [InlineData(8u)]
    [InlineData(9u)]
    [InlineData(uint.MaxValue)]
    public void A_region_that_is_not_there_is_refused(uint index)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Ioctl(VfioIoctl.DeviceGetRegionInfo, 32, 0, index, 0, 0, 0, 0, 0).Errno.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData("linux-6.1", 0u, 7u, 1u)]
    [InlineData("linux-6.1", 1u, 9u, 1u)]
    [InlineData("linux-6.1", 2u, 9u, 5u)]
    [InlineData("linux-6.12", 2u, 1u, 5u)]
    [InlineData("linux-6.1", 3u, 9u, 1u)]
    [InlineData("linux-6.1", 4u, 9u, 1u)]
    public void Irq_info_says_what_an_index_can_do(string profile, uint index, uint flags, uint count)
    {
        using var nic = new OpenNic(KernelProfile.Parse(profile));
        byte[] argument = Argument.Of([99, 0xffff, index, 0xffff], room: 4);

        nic.File.Ioctl(VfioIoctl.DeviceGetIrqInfo, argument).Should().Be(KernelResult.Success);
        Argument.WordsOf(argument).Should().Equal(99, flags, index, count, 0xeeeeeeee);
    }

    [Fact]
    public void An_irq_index_that_is_not_there_is_refused()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Ioctl(VfioIoctl.DeviceGetIrqInfo, 16, 0, 5, 0).Errno.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData("linux-6.12", Errno.EINVAL)]
    [InlineData("linux-7.3", null)]
    public void The_error_interrupt_of_conventional_PCI_came_with_Linux_7_3(string profile, Errno? error)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", Conventional());
        VfioDeviceFile file = host.VfioPci.Bind(nic).Open();
        var told = new EventFd();

        file.Ioctl(VfioIoctl.DeviceGetIrqInfo, 16, 0, 3, 0).Errno.Should().Be(error);
        file.EnableIrqs(VfioIrqIndex.Err, told).Errno.Should().Be(error);
    }

    private static VfioDeviceFile WithAtomicOps(KernelProfile profile, uint function, uint port)
    {
        var host = new SimulatedHost(profile);
        PciDevice nic = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(Claiming(DeviceImages.RootPort, port)))
            .AddEndpoint("0000:01:00.0", Claiming(DeviceImages.E1000E, function));
        return host.VfioPci.Bind(nic).Open();
    }

    private static DeviceImage Claiming(DeviceImage image, uint completions)
    {
        int express = image.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        byte[] bytes = image.Bytes.ToArray();
        bytes[express + ExpressRegisters.Flags] = (byte)((bytes[express + ExpressRegisters.Flags] & 0xf0) | SecondVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(express + ExpressRegisters.DeviceCapabilities2), completions);
        return image.WithBytes(bytes);
    }

    /// <summary>The capability of PCI Express becomes one that nobody knows.</summary>
    private static DeviceImage Conventional()
    {
        DeviceImage image = DeviceImages.E1000E;
        byte[] bytes = image.Bytes.ToArray();
        bytes[image.Capabilities.Find(CapabilityId.Express)!.Value.Offset] = Unknown;
        return image.WithBytes(bytes);
    }
}
