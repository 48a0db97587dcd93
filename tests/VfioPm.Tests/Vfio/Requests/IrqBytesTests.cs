namespace VfioPm.Tests;

// vfio_pci_ioctl_set_irqs(), vfio_set_irqs_validate_and_prepare(), vfio_pci_intrs.c.
public sealed class IrqBytesTests
{
    private const uint None = 0x01;
    private const uint Bool = 0x02;
    private const uint EventFds = 0x04;
    private const uint Mask = 0x08;
    private const uint Trigger = 0x20;
    private const uint Intx = 0;
    private const uint Msi = 1;
    private const uint MsiX = 2;
    private const uint Err = 3;
    private const uint MinusOne = uint.MaxValue;
    private const uint MinusTwo = uint.MaxValue - 1;

    private readonly EventFd _first = new();
    private readonly EventFd _second = new();

    [Fact]
    public void A_descriptor_is_a_number_of_the_users()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        uint first = Number(nic, _first);
        uint second = Number(nic, _second);

        nic.File.Ioctl(VfioIoctl.DeviceSetIrqs, 32, EventFds | Trigger, MsiX, 0, 3, first, MinusOne, second)
            .Should().Be(KernelResult.Success);

        nic.Nic.Hardware.SendMessage(0);
        nic.Nic.Hardware.SendMessage(2);
        (first, second).Should().Be((3u, 4u));
        (_first.Count, _second.Count).Should().Be((1, 1));
    }

    [Fact]
    public void Bytes_choose_vectors()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        nic.File.EnableIrqs(VfioIrqIndex.MsiX, _first, _second);

        nic.File.Ioctl(VfioIoctl.DeviceSetIrqs, [.. Argument.Of([22, Bool | Trigger, MsiX, 0, 2]), 0, 7])
            .Should().Be(KernelResult.Success);

        (_first.Count, _second.Count).Should().Be((0, 1));
    }

    [Fact]
    public void No_data_and_a_count_of_zero_gives_an_index_up()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        nic.File.EnableIrqs(VfioIrqIndex.Msi, _first);

        nic.File.Ioctl(VfioIoctl.DeviceSetIrqs, 20, None | Trigger, Msi, 0, 0).Should().Be(KernelResult.Success);

        nic.File.Device.InterruptType.Should().BeNull();
    }

    [Theory]
    [InlineData(23u, EventFds | Trigger, Msi, 0u, 1u)] // argsz without the data
    [InlineData(24u, None | EventFds | Trigger, Msi, 0u, 1u)] // two kinds of data
    [InlineData(24u, Trigger, Msi, 0u, 1u)] // none
    [InlineData(24u, EventFds | Trigger | 0x40, Msi, 0u, 1u)] // unknown flag
    [InlineData(24u, EventFds | Trigger, 5u, 0u, 1u)] // no such index
    [InlineData(24u, EventFds | Trigger, Msi, 1u, 1u)] // no such vector
    [InlineData(24u, EventFds | Trigger, MsiX, 1u, 5u)]
    [InlineData(24u, EventFds | Trigger, MsiX, 1u, uint.MaxValue - 1)] // wraps around
    [InlineData(20u, None | Mask, Intx, 0u, 1u)] // not set up
    public void What_makes_no_sense_is_refused(uint argumentSize, uint flags, uint index, uint start, uint count)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        uint descriptor = Number(nic, _first);

        nic.File.Ioctl(VfioIoctl.DeviceSetIrqs, argumentSize, flags, index, start, count, descriptor)
            .Errno.Should().Be(Errno.EINVAL);
        nic.File.Device.InterruptType.Should().BeNull();
    }

    [Theory]
    [InlineData(EventFds, 28u)]
    [InlineData(Bool, 28u)]
    public void Data_that_argsz_promises_and_is_not_there_is_a_bad_address(uint data, uint argumentSize)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Ioctl(VfioIoctl.DeviceSetIrqs, argumentSize, data | Trigger, MsiX, 0, 2).Errno.Should().Be(Errno.EFAULT);
    }

    [Fact]
    public void A_number_that_no_open_file_has_is_bad()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        uint closed = Number(nic, _first);
        nic.Host.VfioPci.Descriptors.Close((int)closed);
        uint group = (uint)nic.Host.VfioPci.Descriptors.Install(nic.File.Group);

        nic.File.Ioctl(VfioIoctl.DeviceSetIrqs, 24, EventFds | Trigger, Msi, 0, 1, 77).Errno.Should().Be(Errno.EBADF);
        nic.File.Ioctl(VfioIoctl.DeviceSetIrqs, 24, EventFds | Trigger, Msi, 0, 1, group).Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void Any_negative_number_is_none_for_a_vector_but_not_for_the_error_interrupt()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12);

        nic.File.Ioctl(VfioIoctl.DeviceSetIrqs, 24, EventFds | Trigger, MsiX, 0, 1, MinusTwo)
            .Should().Be(KernelResult.Success);
        nic.File.Ioctl(VfioIoctl.DeviceSetIrqs, 24, EventFds | Trigger, Err, 0, 1, MinusTwo)
            .Errno.Should().Be(Errno.EINVAL);
        nic.File.Ioctl(VfioIoctl.DeviceSetIrqs, 24, EventFds | Trigger, Err, 0, 1, MinusOne)
            .Should().Be(KernelResult.Success);
    }

    private static uint Number(OpenNic nic, EventFd eventFd) => (uint)nic.Host.VfioPci.Descriptors.Install(eventFd);
}
