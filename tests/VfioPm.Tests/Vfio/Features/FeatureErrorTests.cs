namespace VfioPm.Tests;

// vfio_ioctl_device_feature(), vfio_check_feature(); recordings "feature-errors", "lp-wakeup-errors".
public sealed class FeatureErrorTests
{
    private const uint Get = (uint)VfioFeatureFlags.Get;
    private const uint Set = (uint)VfioFeatureFlags.Set;
    private const uint Probe = (uint)VfioFeatureFlags.Probe;

    public static TheoryData<string> ProfilesWithoutLowPower { get; } = ["linux-5.10", "pre-rfc", "rfc-v1"];

    [Theory]
    [InlineData(3u | Set, 7u)] // argsz below the header
    [InlineData(3u | Get, 8u)] // it cannot be read
    [InlineData(3u | Probe | Get, 8u)]
    [InlineData(3u | Probe | Get | Set, 8u)]
    [InlineData(3u, 8u)] // neither
    [InlineData(3u | Get | Set, 8u)] // both
    [InlineData(3u | 0x8_0000, 8u)] // unknown flag
    [InlineData(4u | Set, 15u)] // argsz without the data
    public void What_makes_no_sense_is_refused(uint flags, uint argumentSize)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Feature(new VfioFeatureRequest { Flags = flags, ArgumentSize = argumentSize, Wakeup = new EventFd() })
            .Errno.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData(3u | Probe)]
    [InlineData(3u | Probe | Set)]
    [InlineData(4u | Probe | Set)]
    [InlineData(5u | Probe | Set)]
    [InlineData(5u | Set)]
    public void What_there_is_can_be_probed_and_set(uint flags)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Feature(new VfioFeatureRequest { Flags = flags }).Should().Be(KernelResult.Success);
    }

    [Theory]
    [InlineData(0u)] // PCI_VF_TOKEN: for physical functions
    [InlineData(1u)] // migration: for drivers that can
    [InlineData(2u)]
    [InlineData(6u)]
    [InlineData(9u)]
    [InlineData(100u)]
    [InlineData(0xffffu)]
    public void What_such_a_device_does_not_have_is_no_ioctl(uint feature)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Feature(new VfioFeatureRequest { Flags = feature | Set }).Errno.Should().Be(Errno.ENOTTY);
    }

    [Theory]
    [MemberData(nameof(ProfilesWithoutLowPower))]
    public void Before_Linux_6_1_there_is_no_low_power(string profile)
    {
        using var nic = new OpenNic(KernelProfile.Parse(profile));

        nic.File.EnterLowPower().Errno.Should().Be(Errno.ENOTTY);
        nic.File.EnterLowPower(new EventFd()).Errno.Should().Be(Errno.ENOTTY);
        nic.File.ExitLowPower().Errno.Should().Be(Errno.ENOTTY);
    }

    [Fact]
    public void The_eventfd_of_a_wakeup_must_be_an_open_one()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.EnterLowPower(FileDescriptor.None).Errno.Should().Be(Errno.EINVAL);
        nic.File.EnterLowPower(FileDescriptor.Closed).Errno.Should().Be(Errno.EBADF);
        nic.File.EnterLowPower(FileDescriptor.OtherFile).Errno.Should().Be(Errno.EINVAL);
        nic.File.Feature(new VfioFeatureRequest(VfioFeature.LowPowerEntryWithWakeup, VfioFeatureFlags.Set)
        {
            ArgumentSize = 16,
        }).Errno.Should().Be(Errno.EFAULT);
        nic.Nic.UsageCount.Should().Be(1);
    }

    [Fact]
    public void Linux_7_3_knows_more_that_can_be_asked_for()
    {
        using var nic = new OpenNic(KernelProfile.Linux7_3);

        nic.File.Feature(new VfioFeatureRequest(VfioFeature.DmaBuf, VfioFeatureFlags.Probe | VfioFeatureFlags.Set))
            .Errno.Should().Be(Errno.EINVAL);
        nic.File.Feature(new VfioFeatureRequest(VfioFeature.DmaBuf, VfioFeatureFlags.Get) { DmaBuf = new VfioDmaBufRequest(0) })
            .Errno.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData(Probe)]
    [InlineData(Set)]
    [InlineData(Probe | Set)]
    public void Linux_7_3_knows_of_precopy_and_refuses_it_to_what_does_not_migrate(uint operation)
    {
        using var nic = new OpenNic(KernelProfile.Linux7_3);

        nic.File.Feature(new VfioFeatureRequest { Flags = (uint)VfioFeature.MigPrecopyInfo2 | operation })
            .Errno.Should().Be(Errno.EINVAL);
    }
}
