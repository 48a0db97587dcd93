using System.Buffers.Binary;

namespace VfioPm.Tests;

/// <summary>
/// A device without its group (<c>drivers/vfio/device_cdev.c</c>, <c>iommufd.c</c>): two functions of one card below a port that can cut
/// the power.
/// </summary>
public sealed class CdevTests : IDisposable
{
    private readonly List<SimulatedHost> _hosts = [];

    public static TheoryData<string> Profiles => [.. new[] { KernelProfile.Linux6_12, KernelProfile.Linux7_3 }.Select(static profile => profile.Name)];

    public void Dispose() => _hosts.ForEach(static host => host.Dispose());

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Opening_it_wakes_nobody_and_nothing_works_before_it_is_bound(string profile)
    {
        VfioPciDevice device = MakePair(profile).VfioPci.Devices[0];

        using VfioCdev cdev = device.OpenCdev();

        device.Pci.Should().BeIn(PowerState.D3Cold).And.HaveUsageCount(0);
        device.IsOpen.Should().BeFalse();
        cdev.Ioctl((uint)VfioIoctl.DeviceReset, []).Errno.Should().Be(Errno.EINVAL);
        cdev.Ioctl((uint)VfioIoctl.DeviceBindIommufd, new byte[15]).Errno.Should().Be(Errno.EFAULT);
        device.Pci.Should().BeIn(PowerState.D3Cold);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Binding_it_opens_the_device_and_closing_it_lets_it_sleep(string profile)
    {
        SimulatedHost host = MakePair(profile);
        VfioPciDevice device = host.VfioPci.Devices[0];
        VfioCdev cdev = device.OpenCdev();
        Iommufd iommufd = host.VfioPci.OpenIommufd();

        VfioDeviceFile file = cdev.BindIommufd(iommufd);

        device.Pci.Should().BeIn(PowerState.D0).And.HaveUsageCount(1);
        (file.Cdev, device.Iommufd, cdev.File).Should().Be((cdev, iommufd, file));
        iommufd.DeviceIds.Should().Equal(1u);

        file.EnterLowPower().Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        device.Pci.Should().BeIn(PowerState.D3Cold);

        cdev.Close();

        file.IsClosed.Should().BeTrue();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        device.Pci.Should().BeIn(PowerState.D3Cold).And.HaveUsageCount(0);
        (device.Iommufd, device.Cdevs.Count, iommufd.DeviceIds.Count).Should().Be((null, 0, 0));
    }

    [Fact]
    public void A_kernel_that_is_built_without_has_neither()
    {
        using var host = new SimulatedHost(KernelProfile.Linux7_3);
        VfioPciDevice device = host.VfioPci.Bind(host.AddEndpoint("0000:00:05.0"));

        device.TryOpenCdev(out _).Errno.Should().Be(Errno.ENOENT);
        FluentActions.Invoking(device.OpenCdev).Should().Throw<InvalidOperationException>().WithMessage("*-ENOENT (see KernelProfile.WithDeviceCdev()).");
        FluentActions.Invoking(host.VfioPci.OpenIommufd).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(KernelProfile.Linux6_1.WithDeviceCdev).Should().Throw<InvalidOperationException>().WithMessage("linux-6.1 *");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_group_and_a_character_device_of_it_keep_each_other_out(string profile)
    {
        SimulatedHost host = MakePair(profile);
        (VfioPciDevice one, VfioPciDevice other) = (host.VfioPci.Devices[0], host.VfioPci.Devices[1]);
        Iommufd iommufd = host.VfioPci.OpenIommufd();
        using VfioCdev cdev = one.OpenCdev();

        VfioDeviceFile byGroup = other.Open();
        cdev.TryBindIommufd(iommufd, out _).Errno.Should().Be(Errno.EBUSY);
        byGroup.Close();
        cdev.TryBindIommufd(iommufd, out VfioDeviceFile? file).Should().Succeed();

        other.IsGroupBusy.Should().BeTrue();
        other.TryOpen(out _).Errno.Should().Be(Errno.EBUSY);
        file!.Close();
        other.TryOpen(out _).Should().Succeed();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void It_is_bound_once_by_one_file(string profile)
    {
        SimulatedHost host = MakePair(profile);
        VfioPciDevice device = host.VfioPci.Devices[0];
        Iommufd iommufd = host.VfioPci.OpenIommufd();
        VfioCdev cdev = device.OpenCdev();
        VfioCdev second = device.OpenCdev();
        cdev.BindIommufd(iommufd);

        cdev.TryBindIommufd(iommufd, out _).Errno.Should().Be(Errno.EINVAL);
        second.TryBindIommufd(iommufd, out _).Errno.Should().Be(Errno.EINVAL);
        iommufd.DeviceIds.Should().Equal(1u);
        device.Pci.Should().HaveUsageCount(1);

        cdev.Close();
        second.TryBindIommufd(iommufd, out _).Should().Succeed();
        FluentActions.Invoking(() => cdev.BindIommufd(iommufd)).Should().Throw<ObjectDisposedException>();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_group_belongs_to_one_iommufd(string profile)
    {
        SimulatedHost host = MakePair(profile);
        Iommufd iommufd = host.VfioPci.OpenIommufd();
        Iommufd another = host.VfioPci.OpenIommufd();
        host.VfioPci.Devices[0].OpenCdev().BindIommufd(iommufd);
        VfioCdev cdev = host.VfioPci.Devices[1].OpenCdev();

        cdev.TryBindIommufd(another, out _).Errno.Should().Be(Errno.EPERM);
        another.DeviceIds.Should().BeEmpty();
        host.VfioPci.Devices[1].Pci.Should().HaveUsageCount(0);

        cdev.TryBindIommufd(iommufd, out _).Should().Succeed();
        iommufd.DeviceIds.Should().Equal(1u, 2u);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_group_in_which_the_kernel_has_a_function_is_the_kernels(string profile)
    {
        SimulatedHost host = MakePair(profile);
        host.VfioPci.Devices[1].Unbind();
        host.Drivers.Register(new ScriptedDriver("nvme"));
        host["0000:01:00.1"].TryBind(host.Drivers["nvme"]).Should().Succeed();

        host.VfioPci.Devices[0].OpenCdev().TryBindIommufd(host.VfioPci.OpenIommufd(), out _).Errno.Should().Be(Errno.EPERM);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_hot_reset_needs_no_groups_where_the_iommufd_owns_all(string profile)
    {
        SimulatedHost host = MakePair(profile, separate: true);
        Iommufd iommufd = host.VfioPci.OpenIommufd();
        VfioDeviceFile file = host.VfioPci.Devices[0].OpenCdev().BindIommufd(iommufd);

        file.HotReset(file.Group).Errno.Should().Be(Errno.EINVAL, "groups are for who has the device by its group");
        file.HotReset().Errno.Should().Be(Errno.EINVAL, "nobody owns the other function");
        InfoOf(file).Should().Be((HotResetFlags.DeviceId, 1, DependentDevice.NotOwned));

        host.VfioPci.Devices[1].OpenCdev().BindIommufd(iommufd);
        InfoOf(file).Should().Be((HotResetFlags.DeviceId | HotResetFlags.DeviceIdOwned, 1, 2));
        file.HotReset().Should().Succeed();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Who_owns_a_group_owns_the_functions_of_it_that_nobody_opened(string profile)
    {
        SimulatedHost host = MakePair(profile);
        VfioDeviceFile file = host.VfioPci.Devices[0].OpenCdev().BindIommufd(host.VfioPci.OpenIommufd());

        InfoOf(file).Should().Be((HotResetFlags.DeviceId | HotResetFlags.DeviceIdOwned, 1, DependentDevice.Owned));
        file.HotReset().Should().Succeed();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_function_that_vfio_does_not_have_cannot_be_owned(string profile)
    {
        SimulatedHost host = MakePair(profile);
        VfioDeviceFile file = host.VfioPci.Devices[0].OpenCdev().BindIommufd(host.VfioPci.OpenIommufd());
        host.VfioPci.Devices[1].Unbind();

        InfoOf(file).Should().Be((HotResetFlags.DeviceId, 1, DependentDevice.NotOwned));
        file.HotReset().Errno.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void What_cannot_be_woken_is_not_bound(string profile)
    {
        SimulatedHost host = MakePair(profile);
        VfioPciDevice device = host.VfioPci.Devices[0];
        device.Pci.RuntimePm.Disable();
        Iommufd iommufd = host.VfioPci.OpenIommufd();

        device.OpenCdev().TryBindIommufd(iommufd, out _).Errno.Should().Be(Errno.EACCES);

        iommufd.DeviceIds.Should().BeEmpty();
        device.Iommufd.Should().BeNull();
        device.IsGroupBusy.Should().BeFalse();
    }

    [Fact]
    public void Unbinding_waits_for_who_has_it_open_though_it_is_bound_to_nothing()
    {
        SimulatedHost host = MakePair("linux-7.3");
        VfioPciDevice device = host.VfioPci.Devices[0];
        VfioCdev cdev = device.OpenCdev();

        PendingCall unbind = device.BeginUnbind();
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        unbind.IsCompleted.Should().BeFalse();
        device.TryOpenCdev(out _).Errno.Should().Be(Errno.ENODEV);
        cdev.Close();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        unbind.Result.Should().Be(KernelResult.Success);
    }

    [Fact]
    public void What_is_mapped_keeps_the_device_and_its_iommufd()
    {
        SimulatedHost host = MakePair("linux-7.3");
        Iommufd iommufd = host.VfioPci.OpenIommufd();
        VfioCdev cdev = host.VfioPci.Devices[0].OpenCdev();
        VfioDeviceFile file = cdev.BindIommufd(iommufd);
        file.TryMap(0, 0, 4096, out VfioMapping? mapping).Should().Succeed();

        cdev.Close();
        iommufd.Close();

        host.VfioPci.Iommufds.Should().Equal(iommufd);
        host.VfioPci.Devices[1].TryOpen(out _).Errno.Should().Be(Errno.EBUSY);
        mapping!.Unmap();
        host.VfioPci.Iommufds.Should().BeEmpty();
        host.VfioPci.Devices[1].TryOpen(out _).Should().Succeed();
    }

    [Theory]
    [InlineData("linux-6.12", Errno.EINVAL)]
    [InlineData("linux-7.3", Errno.EFAULT)]
    public void User_space_binds_it_by_an_ioctl_of_bytes(string profile, Errno forToken)
    {
        SimulatedHost host = MakePair(profile);
        VfioCdev cdev = host.VfioPci.Devices[0].OpenCdev();
        int number = host.VfioPci.Descriptors.Install(FileDescriptor.FromIommufd(host.VfioPci.OpenIommufd()));

        Bind(cdev, number, size: 12).Result.Errno.Should().Be(Errno.EINVAL);
        Bind(cdev, -1).Result.Errno.Should().Be(Errno.EINVAL);
        Bind(cdev, number, flags: 1).Result.Errno.Should().Be(forToken);
        Bind(cdev, number, flags: 2).Result.Errno.Should().Be(Errno.EINVAL);
        Bind(cdev, 99).Result.Errno.Should().Be(Errno.EBADF);
        Bind(cdev, host.VfioPci.Descriptors.Install(new EventFd())).Result.Errno.Should().Be(Errno.EBADFD);
        host.VfioPci.Devices[0].IsGroupBusy.Should().BeFalse("who was refused keeps nobody out");

        Bind(cdev, number).Should().Be((KernelResult.Success, 1u));
        Bind(cdev, number).Result.Errno.Should().Be(Errno.EINVAL);
        cdev.Ioctl((uint)VfioIoctl.DeviceReset, []).Should().Succeed();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_device_that_was_opened_by_its_group_has_nothing_to_do_with_an_iommufd(string profile)
    {
        using VfioDeviceFile file = MakePair(profile).VfioPci.Devices[0].Open();

        file.Ioctl((uint)VfioIoctl.DeviceBindIommufd, new byte[16]).Errno.Should().Be(Errno.EINVAL);
        file.Ioctl((uint)VfioIoctl.DeviceBindIommufd, []).Errno.Should().Be(Errno.EFAULT);
        file.Ioctl((uint)VfioIoctl.DeviceAttachIommufdPt, [12, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]).Errno.Should().Be(Errno.ENOTTY);
        file.Cdev.Should().BeNull();
    }

    [Theory]
    [InlineData(VfioIoctl.DeviceAttachIommufdPt, 12)]
    [InlineData(VfioIoctl.DeviceDetachIommufdPt, 8)]
    public void An_address_space_is_given_and_taken_while_the_device_is_held(VfioIoctl request, int size)
    {
        SimulatedHost host = MakePair("linux-7.3");
        VfioDeviceFile file = host.VfioPci.Devices[0].OpenCdev().BindIommufd(host.VfioPci.OpenIommufd());
        byte[] argument = new byte[size];
        argument[0] = (byte)size;
        file.EnterLowPower().Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        file.Ioctl((uint)request, argument).Should().Succeed();

        file.Device.Pci.Should().HaveGone(PowerState.D3Cold, PowerState.D0);
        file.Ioctl((uint)request, argument.AsSpan(0, 4)).Errno.Should().Be(Errno.EFAULT);
        argument[4] = 2;
        file.Ioctl((uint)request, argument).Errno.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData("linux-6.12", false)]
    [InlineData("linux-7.3", true)]
    public void The_token_of_a_physical_function_is_asked_for_since_Linux_7_3(string profile, bool asks)
    {
        using var machine = new SriovMachine(KernelProfile.Parse(profile).WithDeviceCdev());
        Iommufd iommufd = machine.Host.VfioPci.OpenIommufd();
        machine.Bound.OpenCdev().TryBindIommufd(iommufd, out _, asks ? SriovMachine.Token : null).Should().Succeed();
        machine.Enable(1).Should().Succeed();
        VfioCdev cdev = machine.BoundVirtual(0).OpenCdev();

        cdev.TryBindIommufd(iommufd, out VfioDeviceFile? file).Errno.Should().Be(asks ? Errno.EACCES : null);

        if (asks)
        {
            cdev.TryBindIommufd(iommufd, out file, SriovMachine.Token).Should().Succeed();
            cdev.TryBindIommufd(iommufd, out _).Errno.Should().Be(Errno.EINVAL, "it is bound, and nobody asks for the token again");
        }

        file!.Device.Pci.Should().BeIn(PowerState.D0);
    }

    private static (HotResetFlags Flags, int? First, int? Second) InfoOf(VfioDeviceFile file)
    {
        file.GetHotResetInfo(out HotResetInfo info).Should().Succeed();
        byte[] bytes = new byte[28];
        bytes[0] = 28;
        file.Ioctl((uint)VfioIoctl.DeviceGetPciHotResetInfo, bytes).Should().Succeed();
        BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)).Should().Be((int)info.Flags);
        BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(20)).Should().Be(info.Devices[1].DeviceId);
        return (info.Flags, info.Devices[0].DeviceId, info.Devices[1].DeviceId);
    }

    private static (KernelResult Result, uint DeviceId) Bind(VfioCdev cdev, int iommufd, int flags = 0, int size = 16)
    {
        byte[] argument = new byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(argument, size);
        BinaryPrimitives.WriteInt32LittleEndian(argument.AsSpan(4), flags);
        BinaryPrimitives.WriteInt32LittleEndian(argument.AsSpan(8), iommufd);
        KernelResult result = cdev.Ioctl((uint)VfioIoctl.DeviceBindIommufd, argument);
        return (result, BinaryPrimitives.ReadUInt32LittleEndian(argument.AsSpan(12)));
    }

    private SimulatedHost MakePair(string profile, bool separate = false)
    {
        SimulatedHost host = CdevPair.Make(profile, separate);
        _hosts.Add(host);
        return host;
    }
}
