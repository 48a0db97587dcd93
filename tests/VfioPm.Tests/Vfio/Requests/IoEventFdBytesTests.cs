namespace VfioPm.Tests;

// vfio_pci_ioctl_ioeventfd(), vfio_pci_ioeventfd().
public sealed class IoEventFdBytesTests
{
    private const uint Width4 = 4;
    private const uint MinusOne = uint.MaxValue;
    private const uint MinusTwo = uint.MaxValue - 1;

    [Fact]
    public void A_signal_writes_at_an_offset_of_the_file()
    {
        var device = new OpenedDevice(KernelProfile.Linux6_1);
        var eventFd = new EventFd();
        uint number = (uint)device.Host.VfioPci.Descriptors.Install(eventFd);

        Set(device, OpenedDevice.VlanType, OpenedDevice.MemoryBar, number).Should().Be(KernelResult.Success);
        eventFd.Signal();
        device.Host.Clock.Advance(TimeSpan.FromMilliseconds(1));

        byte[] register = new byte[4];
        device.File.Read(OpenedDevice.MemoryBar, OpenedDevice.VlanType, register);
        Argument.WordsOf(register).Should().Equal(0x1234);
    }

    [Theory]
    [InlineData(OpenedDevice.VlanType, 6u, 3u, Errno.EINVAL)] // the ROM
    [InlineData(OpenedDevice.VlanType, 0xff_ffffu, 3u, Errno.EINVAL)] // no region at all
    [InlineData(0x1_fffe, 0u, 3u, Errno.EINVAL)] // not all in it
    [InlineData(OpenedDevice.VlanType, 0u, MinusTwo, Errno.EINVAL)]
    [InlineData(OpenedDevice.VlanType, 0u, MinusOne, Errno.ENODEV)] // nothing to give up
    [InlineData(OpenedDevice.VlanType, 0u, 77u, Errno.EBADF)]
    public void What_makes_no_sense_is_refused(int offset, uint region, uint number, Errno error)
    {
        var device = new OpenedDevice(KernelProfile.Linux6_1);
        device.Host.VfioPci.Descriptors.Install(new EventFd());

        Set(device, (uint)offset, region, number).Errno.Should().Be(error);
    }

    [Theory]
    [InlineData(27u, Width4)]
    [InlineData(28u, 0u)]
    [InlineData(28u, 6u)]
    [InlineData(28u, 0x14u)]
    public void The_width_is_one_flag(uint argumentSize, uint flags)
    {
        var device = new OpenedDevice(KernelProfile.Linux6_1);
        uint number = (uint)device.Host.VfioPci.Descriptors.Install(new EventFd());

        device.File.Ioctl(VfioIoctl.DeviceIoEventFd, argumentSize, flags, OpenedDevice.VlanType, 0, 0, 0, number)
            .Errno.Should().Be(Errno.EINVAL);
    }

    private static KernelResult Set(OpenedDevice device, uint offset, uint region, uint number) => device.File.Ioctl(
        VfioIoctl.DeviceIoEventFd, 28, Width4, offset, region << 8, 0x1234, 0, number);
}
