namespace VfioPm.Tests;

// vfio_device_fops_unl_ioctl(), vfio_pci_core_ioctl(); _IO(';', 100 + n).
public sealed class UserIoctlTests
{
    public static TheoryData<VfioIoctl, int> LeastArguments { get; } = new()
    {
        { VfioIoctl.DeviceGetInfo, 16 },
        { VfioIoctl.DeviceGetRegionInfo, 32 },
        { VfioIoctl.DeviceGetIrqInfo, 16 },
        { VfioIoctl.DeviceSetIrqs, 20 },
        { VfioIoctl.DeviceGetPciHotResetInfo, 12 },
        { VfioIoctl.DevicePciHotReset, 12 },
        { VfioIoctl.DeviceIoEventFd, 28 },
        { VfioIoctl.DeviceFeature, 8 },
    };

    [Theory]
    [InlineData(VfioIoctl.DeviceGetInfo, 107)]
    [InlineData(VfioIoctl.DeviceGetRegionInfo, 108)]
    [InlineData(VfioIoctl.DeviceGetIrqInfo, 109)]
    [InlineData(VfioIoctl.DeviceSetIrqs, 110)]
    [InlineData(VfioIoctl.DeviceReset, 111)]
    [InlineData(VfioIoctl.DeviceGetPciHotResetInfo, 112)]
    [InlineData(VfioIoctl.DevicePciHotReset, 113)]
    [InlineData(VfioIoctl.DeviceIoEventFd, 116)]
    [InlineData(VfioIoctl.DeviceFeature, 117)]
    public void The_numbers_are_those_of_the_header(VfioIoctl ioctl, uint number) =>
        ((uint)ioctl).Should().Be(((uint)';' << 8) | number);

    [Theory]
    [MemberData(nameof(LeastArguments))]
    public void An_argument_that_ends_too_early_is_a_bad_address(VfioIoctl ioctl, int least)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Ioctl((uint)ioctl, []).Errno.Should().Be(Errno.EFAULT);
        nic.File.Ioctl(ioctl, new byte[least - 1]).Errno.Should().Be(Errno.EFAULT);
    }

    [Theory]
    [MemberData(nameof(LeastArguments))]
    public void An_argsz_below_the_structure_is_refused_and_nothing_is_written(VfioIoctl ioctl, int least)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        byte[] argument = Argument.Of([(uint)least - 1], room: 60);
        byte[] before = [.. argument];

        nic.File.Ioctl(ioctl, argument).Errno.Should().Be(Errno.EINVAL);
        argument.Should().Equal(before);
    }

    [Theory]
    [InlineData(0x3b64u)] // VFIO_GET_API_VERSION: of the container
    [InlineData(0x3b72u)] // VFIO_DEVICE_QUERY_GFX_PLANE: of others
    [InlineData(0x3b76u)] // VFIO_DEVICE_BIND_IOMMUFD: of a cdev
    [InlineData(7u)] // no vfio
    [InlineData(0xc0043b6bu)] // with a direction, which vfio does not give
    public void What_the_device_does_not_have_is_no_ioctl(uint number)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Ioctl(number, new byte[64]).Errno.Should().Be(Errno.ENOTTY);
    }

    [Fact]
    public void Reset_takes_no_argument()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        nic.File.Config.WritePmcsrState(PowerState.D3Hot);

        nic.File.Ioctl((uint)VfioIoctl.DeviceReset, []).Should().Be(KernelResult.Success);
        nic.File.Config.ReadPmcsrState().Should().Be(PowerState.D0);
    }

    [Fact]
    public void The_device_is_woken_before_the_argument_is_looked_at()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        nic.File.EnterLowPower();
        nic.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        nic.Nic.Should().BeIn(PowerState.D3Cold);

        // The user holds it until then: whoever looks sees it awake in the middle of the call.
        PendingCall call = nic.File.BeginIoctl((uint)VfioIoctl.DeviceGetInfo, new UserMemory(0));

        call.IsCompleted.Should().BeFalse();
        nic.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        call.Result!.Value.Errno.Should().Be(Errno.EFAULT);
    }

    [Fact]
    public void A_call_under_way_answers_into_its_memory_and_in_a_fork_into_the_copys()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        nic.File.EnterLowPower();
        nic.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        var memory = new UserMemory(Argument.Of([16, 0, 0, 0]));
        PendingCall call = nic.File.BeginIoctl((uint)VfioIoctl.DeviceGetInfo, memory);

        var fork = new ForkContext();
        SimulatedHost copy = fork.Of(nic.Host);
        copy.Clock.Advance(TimeSpan.FromSeconds(1));

        Argument.WordsOf(fork.Of(memory).Bytes).Should().Equal(16, 3, 9, 5);
        Argument.WordsOf(memory.Bytes).Should().Equal(16, 0, 0, 0);
        fork.Of(call).Result.Should().Be(KernelResult.Success);
        call.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public void What_lies_in_the_memory_of_a_call_under_way_is_state()
    {
        ulong HashWith(uint index)
        {
            using var nic = new OpenNic(KernelProfile.Linux6_1);
            nic.File.EnterLowPower();
            nic.Host.Clock.Advance(TimeSpan.FromSeconds(1));
            nic.File.BeginIoctl((uint)VfioIoctl.DeviceGetIrqInfo, new UserMemory(Argument.Of([16, 0, index, 0])));
            return nic.Host.ComputeStateHash();
        }

        HashWith(0).Should().Be(HashWith(0)).And.NotBe(HashWith(1));
    }
}
