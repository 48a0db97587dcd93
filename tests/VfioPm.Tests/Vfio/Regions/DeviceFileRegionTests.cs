namespace VfioPm.Tests;

public sealed class DeviceFileRegionTests
{
    private readonly byte[] _dword = new byte[4];

    [Fact]
    public void Device_info_says_PCI_with_nine_regions_and_five_interrupts()
    {
        new OpenedDevice().File.GetInfo(out VfioDeviceInfo info).Should().Be(KernelResult.Success);

        info.Should().Be(new VfioDeviceInfo(VfioDeviceInfo.FullArgumentSize, VfioDeviceFlags.Pci | VfioDeviceFlags.Reset, 9, 5));
    }

    [Fact]
    public void An_argument_that_is_too_small_fails()
    {
        VfioDeviceFile file = new OpenedDevice().File;

        file.GetInfo(out _, argumentSize: 15).Errno.Should().Be(Errno.EINVAL);
        file.GetRegionInfo(0, out _, argumentSize: 31).Errno.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData(0, VfioRegionFlags.Read | VfioRegionFlags.Write | VfioRegionFlags.Map, 0x2_0000)]
    [InlineData(2, VfioRegionFlags.Read | VfioRegionFlags.Write, 0x20)]
    [InlineData(4, VfioRegionFlags.None, 0)]
    [InlineData(VfioRegion.Rom, VfioRegionFlags.Read, 0x4_0000)]
    [InlineData(VfioRegion.Configuration, VfioRegionFlags.Read | VfioRegionFlags.Write, 0x1000)]
    public void Region_info_says_what_can_be_done(uint index, VfioRegionFlags flags, ulong size)
    {
        new OpenedDevice().File.GetRegionInfo(index, out VfioRegionInfo info).Should().Be(KernelResult.Success);

        info.Should().Be(new VfioRegionInfo((int)index, flags, size, VfioRegionInfo.FullArgumentSize, false));
        info.Offset.Should().Be((ulong)index << 40);
    }

    // vfio_pci_memory_lock_and_enable(): the look needs memory decode, and puts Command back.
    [Fact]
    public void The_ROM_is_found_with_memory_disabled_and_Command_stays_as_it_was()
    {
        OpenedDevice device = new();
        device.SetCommand(0);
        uint before = device.Function.Hardware.ReadConfig(PciRegisters.Command, 2);

        device.File.GetRegionInfo(VfioRegion.Rom, out VfioRegionInfo info);

        info.Size.Should().Be(0x4_0000);
        device.Function.Hardware.ReadConfig(PciRegisters.Command, 2).Should().Be(before);
        device.File.Read(VfioRegion.Rom, 0, _dword).Errno.Should().Be(Errno.ENOMEM, "reading needs what is disabled");
    }

    // The kernel keeps the size that it gave the BAR (pci_resize_resource()), and a bus reset that it did not make takes it from the function.
    [Fact]
    public void What_a_reset_made_smaller_is_all_ones_beyond_its_end()
    {
        const int end = 7 << 20;
        const uint address = 0x4000_0000;
        using var host = new SimulatedHost(KernelProfile.Linux7_3);
        PciDevice nic = host.AddRootPort("0000:00:03.0")
            .AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithBarSize(0, 1 << 20).WithResizableBar(0, 1 << 20, 8 << 20));
        nic.Hardware.WriteConfig(PciRegisters.BaseAddress0, 4, address);
        nic.Sysfs.Write("resource0_resize", "3").Should().Succeed();
        VfioDeviceFile file = host.VfioPci.Bind(nic).Open();
        file.Write(VfioRegion.Configuration, PciRegisters.Command, [(byte)PciRegisters.CommandMemory, 0]).Should().Succeed();
        var doorbell = new EventFd();
        file.SetIoEventFd(new VfioIoEventFd(0, end, 4, 0x1234, doorbell)).Should().Succeed();
        VfioDmaBufAttachment peer = file.Export(0, end, 0x1000).Attach();
        peer.Map().Should().Succeed();

        nic.Hardware.Reset(ResetKind.Bus);
        nic.Hardware.WriteConfig(PciRegisters.BaseAddress0, 4, address);
        nic.Hardware.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandMemory);

        nic.Hardware.FindBar(0)!.Size.Should().Be(1 << 20);
        nic.Hardware.Decodes(0).Should().BeTrue();
        file.Read(0, end, _dword).Should().Be(new KernelResult(4));
        _dword.Should().Equal(0xff, 0xff, 0xff, 0xff);
        file.Write(0, end, [1, 2, 3, 4]).Should().Be(new KernelResult(4));
        doorbell.Signal();
        peer.Read(0, 4).Value.Should().Be(0xffff_ffff);
        peer.Write(0, 4, 1).IsFault.Should().BeFalse();
    }

    // rfc-region-info-suspended: nothing wakes the function for the look.
    [Fact]
    public void Under_the_RFC_the_ROM_of_a_function_without_power_is_not_there()
    {
        OpenedDevice device = new();
        device.Sleep();

        device.File.GetRegionInfo(VfioRegion.Rom, out VfioRegionInfo info);

        info.Should().Be(new VfioRegionInfo(
            VfioRegion.Rom, VfioRegionFlags.None, 0, VfioRegionInfo.FullArgumentSize, false));
        device.File.Read(VfioRegion.Rom, 0, _dword).Errno.Should().Be(Errno.ENOMEM);
        device.Function.PowerState.Should().Be(PowerState.D3Cold);
    }

    [Fact]
    public void Configuration_space_is_a_region_too()
    {
        VfioDeviceFile file = new OpenedDevice().File;

        file.Read(VfioRegion.Configuration, 0, _dword).Value.Should().Be(4);

        _dword.Should().Equal(0x86, 0x80, 0xd3, 0x10);
        file.Read(VfioRegion.Configuration, 0x1000, _dword).Errno.Should().Be(Errno.EFAULT);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(VfioRegion.Vga)]
    [InlineData(VfioRegion.Count)]
    [InlineData(60)]
    public void A_region_that_is_not_there_fails(int region)
    {
        VfioDeviceFile file = new OpenedDevice().File;

        file.Read(region, 0, _dword).Errno.Should().Be(Errno.EINVAL);
        file.Write(region, 0, _dword).Errno.Should().Be(Errno.EINVAL);
        file.Read(region, 0, []).Should().Be(KernelResult.Success);
    }

    [Fact]
    public void Memory_needs_its_enable_and_ports_do_not()
    {
        OpenedDevice device = new();
        device.SetCommand(PciRegisters.CommandIo);

        device.File.Read(OpenedDevice.MemoryBar, 0, _dword).Errno.Should().Be(Errno.EIO);
        device.File.Write(OpenedDevice.MemoryBar, 0, _dword).Errno.Should().Be(Errno.EIO);
        device.File.Read(OpenedDevice.IoBar, 0, _dword).Value.Should().Be(4);
    }

    // vfio_pci_rw() of Linux 5.19 and later wakes the function for the call; the fence is about the guest's D3hot.
    [Fact]
    public void Since_the_fence_memory_of_a_function_that_the_guest_put_in_D3hot_cannot_be_read()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1);
        device.Sleep();

        device.File.Read(OpenedDevice.MemoryBar, 0, _dword).Errno.Should().Be(Errno.EIO);

        device.File.Read(OpenedDevice.IoBar, 0, _dword).Value.Should().Be(4);
        device.Function.RuntimePm.UsageCount.Should().Be(1, "the call gives back what it took");
    }

    [Fact]
    public void Under_the_RFC_reads_of_a_sleeping_function_succeed_with_what_nobody_answers()
    {
        OpenedDevice device = new();
        device.Sleep();

        device.File.Read(OpenedDevice.MemoryBar, 0, _dword).Value.Should().Be(4);

        _dword.Should().AllBeEquivalentTo((byte)0xff);
        device.Function.PowerState.Should().Be(PowerState.D3Cold);
    }

    [Fact]
    public void A_closed_file_and_an_offset_that_no_file_has_are_misuse()
    {
        VfioDeviceFile file = new OpenedDevice().File;
        file.Invoking(open => open.Read(0, -1, _dword)).Should().Throw<ArgumentOutOfRangeException>();
        file.Invoking(open => open.Read(0, 1L << 40, _dword)).Should().Throw<ArgumentOutOfRangeException>();
        file.Invoking(open => open.Write(-1, 0, _dword)).Should().Throw<ArgumentOutOfRangeException>();

        file.Close();

        file.Invoking(closed => closed.Read(0, 0, _dword)).Should().Throw<ObjectDisposedException>();
        file.Invoking(closed => closed.GetInfo(out _)).Should().Throw<ObjectDisposedException>();
        file.Invoking(closed => closed.TryMap(0, 0, 0x1000, out _)).Should().Throw<ObjectDisposedException>();
    }
}
