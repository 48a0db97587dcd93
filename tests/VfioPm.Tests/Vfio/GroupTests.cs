namespace VfioPm.Tests;

/// <summary>What a device's group decides, and what a user of a group cannot do (<c>drivers/vfio/group.c</c>, <c>vfio_main.c</c>).</summary>
public sealed class GroupTests
{
    [Fact]
    public void A_group_whose_device_lives_on_in_a_mapping_cannot_be_opened()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        VfioPciDevice device = nic.File.Device;
        nic.File.TryMap(0, 0, 4096, out VfioMapping? mapping);
        device.TryOpen(out VfioDeviceFile? second).Should().Be(KernelResult.Success, "its user has the group open");
        second!.Close();

        nic.File.Close();

        device.IsGroupBusy.Should().BeTrue();
        device.TryOpen(out _).Errno.Should().Be(Errno.EBUSY);

        mapping!.Unmap();
        device.TryOpen(out _).Should().Be(KernelResult.Success);
    }

    [Theory]
    [InlineData("linux-6.1", true)]
    [InlineData("linux-6.12", false)]
    [InlineData("linux-7.3", false)]
    public void Binding_to_an_iommufd_is_refused_without_waking_the_device_where_it_is_known(string kernel, bool wakes)
    {
        using var nic = new OpenNic(KernelProfile.All.Single(profile => profile.Name == kernel));
        nic.Sleep();
        nic.Host.Trace.Clear();

        nic.File.Ioctl((uint)VfioIoctl.DeviceBindIommufd, []).Errno.Should().Be(Errno.ENOTTY);

        nic.Host.Trace.Entries.Any(static entry => entry.Kind == TraceKind.Rpm).Should().Be(wakes);
    }

    [Theory]
    [InlineData("linux-6.1", Errno.ENODEV)]
    [InlineData("linux-6.12", Errno.EINVAL)]
    [InlineData("linux-7.3", Errno.EINVAL)]
    public void A_hot_reset_without_a_group_is_for_who_has_none(string kernel, Errno error)
    {
        var host = new SimulatedHost(KernelProfile.All.Single(profile => profile.Name == kernel));
        VfioDeviceFile file = host.VfioPci.Bind(host.AddEndpoint("0000:00:05.0")).Open();

        file.HotReset().Errno.Should().Be(error);
    }
}
