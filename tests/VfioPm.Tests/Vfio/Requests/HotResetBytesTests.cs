namespace VfioPm.Tests;

// vfio_pci_ioctl_get_pci_hot_reset_info(), vfio_pci_ioctl_pci_hot_reset().
public sealed class HotResetBytesTests
{
    private const uint MinusOne = uint.MaxValue;

    [Fact]
    public void The_functions_lie_behind_their_count()
    {
        VfioDeviceFile file = OpenFirstOfTwo(KernelProfile.Linux6_1);
        byte[] argument = Argument.Of([28, 0xffff, 0xffff], room: 20);

        file.Ioctl(VfioIoctl.DeviceGetPciHotResetInfo, argument).Should().Be(KernelResult.Success);

        uint group = (uint)file.Group.Number;
        Argument.WordsOf(argument).Should().Equal(
            28, 0, 2, group, 0x00_01_0000, group, 0x01_01_0000, 0xeeeeeeee);
    }

    [Theory]
    [InlineData(27u)]
    [InlineData(12u)]
    public void Without_room_in_argsz_there_is_only_their_count(uint argumentSize)
    {
        VfioDeviceFile file = OpenFirstOfTwo(KernelProfile.Linux6_1);
        byte[] argument = Argument.Of([argumentSize, 0xffff, 0xffff], room: 20);

        file.Ioctl(VfioIoctl.DeviceGetPciHotResetInfo, argument).Errno.Should().Be(Errno.ENOSPC);
        Argument.WordsOf(argument)[..4].Should().Equal(argumentSize, 0, 2, 0xeeeeeeee);
    }

    [Theory]
    [InlineData("linux-6.1", 2u)]
    [InlineData("linux-6.12", 0xffffu)]
    public void Without_memory_for_them_the_count_is_there_or_not_by_kernel(string profile, uint count)
    {
        VfioDeviceFile file = OpenFirstOfTwo(KernelProfile.Parse(profile));
        byte[] argument = Argument.Of([28, 0xffff, 0xffff], room: 12);

        file.Ioctl(VfioIoctl.DeviceGetPciHotResetInfo, argument).Errno.Should().Be(Errno.EFAULT);
        Argument.WordsOf(argument)[2].Should().Be(count);
    }

    [Fact]
    public void From_Linux_6_6_on_the_functions_are_collected_under_the_lock_of_their_set()
    {
        VfioDeviceFile file = OpenFirstOfTwo(KernelProfile.Linux6_12);
        file.Device.Set.Lock.TryLock().IsTaken.Should().BeTrue();

        PendingCall call = file.BeginIoctl(
            (uint)VfioIoctl.DeviceGetPciHotResetInfo, new UserMemory(Argument.Of([28, 0, 0], room: 16)));

        call.WaitsFor.Should().Contain("dev_set->lock");
    }

    [Fact]
    public void The_groups_are_numbers_of_the_users()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        uint group = (uint)nic.Host.VfioPci.Descriptors.Install(nic.File.Group);
        uint other = (uint)nic.Host.VfioPci.Descriptors.Install(new EventFd());

        nic.File.Ioctl(VfioIoctl.DevicePciHotReset, 16, 0, 1, group).Should().Be(KernelResult.Success);
        nic.File.Ioctl(VfioIoctl.DevicePciHotReset, 12, 0, 1, group).Should().Be(KernelResult.Success, "argsz is not looked at");
        nic.File.Ioctl(VfioIoctl.DevicePciHotReset, 16, 1, 1, group).Errno.Should().Be(Errno.EINVAL, "there are no flags");
        nic.File.Ioctl(VfioIoctl.DevicePciHotReset, 20, 0, 2, group, group).Errno.Should().Be(Errno.EINVAL, "of one function");
        nic.File.Ioctl(VfioIoctl.DevicePciHotReset, 16, 0, 1).Errno.Should().Be(Errno.EFAULT);
        nic.File.Ioctl(VfioIoctl.DevicePciHotReset, 16, 0, 1, 77).Errno.Should().Be(Errno.EBADF);
        nic.File.Ioctl(VfioIoctl.DevicePciHotReset, 16, 0, 1, MinusOne).Errno.Should().Be(Errno.EBADF);
        nic.File.Ioctl(VfioIoctl.DevicePciHotReset, 16, 0, 1, other).Errno.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData("linux-6.1", Errno.ENODEV)]
    [InlineData("linux-6.12", Errno.EINVAL)]
    public void Which_of_two_faults_is_told_differs_by_kernel(string profile, Errno error)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        VfioDeviceFile file = host.VfioPci.Bind(host.AddEndpoint("0000:00:05.0")).Open();

        file.Ioctl(VfioIoctl.DevicePciHotReset, 12, 0, 0).Errno.Should().Be(error, "it names no group, on a root bus");
        file.Ioctl(VfioIoctl.DevicePciHotReset, 16, 0, 1, 77).Errno.Should().Be(Errno.ENODEV);
    }

    private static VfioDeviceFile OpenFirstOfTwo(KernelProfile profile)
    {
        var host = new SimulatedHost(profile);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice first = port.AddEndpoint("0000:01:00.0");
        port.AddEndpoint("0000:01:00.1");
        return host.VfioPci.Bind(first).Open();
    }
}
