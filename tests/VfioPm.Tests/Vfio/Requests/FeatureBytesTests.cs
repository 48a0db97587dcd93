namespace VfioPm.Tests;

// vfio_ioctl_device_feature(), vfio_pci_core_pm_entry_with_wakeup(), vfio_pci_core_feature_token().
public sealed class FeatureBytesTests
{
    private const uint Set = 1 << 17;
    private const uint Entry = 3;
    private const uint EntryWithWakeup = 4;
    private const uint Exit = 5;

    [Fact]
    public void Low_power_is_permitted_until_its_exit()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Ioctl(VfioIoctl.DeviceFeature, 8, Entry | Set).Should().Be(KernelResult.Success);
        nic.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        nic.Nic.Should().BeIn(PowerState.D3Cold);
        nic.File.Ioctl(VfioIoctl.DeviceFeature, 8, Entry | Set).Errno.Should().Be(Errno.EINVAL, "it is permitted");
        nic.File.Ioctl(VfioIoctl.DeviceFeature, 8, Exit | Set).Should().Be(KernelResult.Success);
        nic.Nic.Should().BeIn(PowerState.D0).And.HaveUsageCount(1);
    }

    [Fact]
    public void The_wakeup_signals_the_descriptor()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        var wakeup = new EventFd();
        uint number = (uint)nic.Host.VfioPci.Descriptors.Install(wakeup);

        nic.File.Ioctl(VfioIoctl.DeviceFeature, 16, EntryWithWakeup | Set, number, 0).Should().Be(KernelResult.Success);
        nic.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        nic.Nic.Sysfs.Write("power/control", "on");

        wakeup.Count.Should().Be(1);
    }

    [Theory]
    [InlineData(15u, 3u, Errno.EINVAL)]
    [InlineData(16u, 77u, Errno.EBADF)]
    [InlineData(16u, uint.MaxValue, Errno.EINVAL)]
    [InlineData(16u, uint.MaxValue - 1, Errno.EINVAL)]
    public void A_wakeup_without_an_eventfd_is_refused(uint argumentSize, uint number, Errno error)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        nic.Host.VfioPci.Descriptors.Install(new EventFd());

        nic.File.Ioctl(VfioIoctl.DeviceFeature, argumentSize, EntryWithWakeup | Set, number, 0).Errno.Should().Be(error);
        nic.Nic.UsageCount.Should().Be(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Data_that_argsz_promises_and_is_not_there_is_a_bad_address(int room)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Ioctl(VfioIoctl.DeviceFeature, Argument.Of([16, EntryWithWakeup | Set], room))
            .Errno.Should().Be(Errno.EFAULT);
    }

    [Fact]
    public void A_token_is_sixteen_bytes_in_the_order_of_its_text()
    {
        using var machine = new SriovMachine(KernelProfile.Linux6_1);
        var token = new Guid("00112233-4455-6677-8899-aabbccddeeff");
        VfioDeviceFile file = machine.Bound.Open();

        file.Ioctl(VfioIoctl.DeviceFeature, [.. Argument.Of([24, Set]), .. token.ToByteArray(bigEndian: true)])
            .Should().Be(KernelResult.Success);
        file.Ioctl(VfioIoctl.DeviceFeature, Argument.Of([23, Set], room: 16)).Errno.Should().Be(Errno.EINVAL);
        file.Ioctl(VfioIoctl.DeviceFeature, Argument.Of([24, Set], room: 15)).Errno.Should().Be(Errno.EFAULT);
    }
}
