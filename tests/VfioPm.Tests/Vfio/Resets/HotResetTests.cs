namespace VfioPm.Tests;

// vfio_pci_ioctl_get_pci_hot_reset_info(), vfio_pci_ioctl_pci_hot_reset(); recordings "hot-reset", "rfc2-hot-reset-*".
public sealed class HotResetTests
{
    [Fact]
    public void The_information_names_every_function_on_the_bus()
    {
        using var pair = new Pair(KernelProfile.RfcV1);

        pair.File.GetHotResetInfo(out HotResetInfo info).Should().Be(KernelResult.Success);

        info.Devices.Select(device => device.Address).Should().Equal(pair.First.Address, pair.Second.Address);
        info.Devices.Should().OnlyContain(device => device.Group == pair.File.Group, "nothing separates them");
    }

    [Fact]
    public void Without_room_for_all_it_gives_their_number()
    {
        using var pair = new Pair(KernelProfile.RfcV1);

        pair.File.GetHotResetInfo(out HotResetInfo info, argumentSize: 27).Errno.Should().Be(Errno.ENOSPC);

        info.Count.Should().Be(2);
        info.Devices.Should().BeEmpty();
        pair.File.GetHotResetInfo(out _, argumentSize: 11).Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void A_root_bus_cannot_be_reset()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        using VfioDeviceFile file = host.VfioPci.Bind(host.AddEndpoint("0000:00:05.0")).Open();

        file.GetHotResetInfo(out _).Errno.Should().Be(Errno.ENODEV);
        file.HotReset(file.Group).Errno.Should().Be(Errno.ENODEV);
    }

    [Fact]
    public void The_caller_must_own_all_that_is_reset()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);

        nic.File.HotReset().Errno.Should().Be(Errno.EINVAL, "it names no group");
        nic.File.HotReset(nic.File.Group, nic.File.Group).Errno.Should().Be(Errno.EINVAL, "there is one function");
        nic.File.HotReset(FileDescriptor.Closed).Errno.Should().Be(Errno.EBADF);
        nic.File.HotReset(new EventFd()).Errno.Should().Be(Errno.EINVAL);
        nic.File.HotReset(new VfioGroup(99)).Errno.Should().Be(Errno.EINVAL);
        nic.File.HotReset(flags: 1, [nic.File.Group]).Errno.Should().Be(Errno.EINVAL);
        nic.File.HotReset(nic.File.Group).Should().Be(KernelResult.Success);
    }

    [Fact]
    public void Who_was_unbound_and_bound_again_is_in_the_set_again()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        VfioPciDevice first = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.0"));
        VfioPciDevice second = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.1"));
        second.Unbind();
        using VfioDeviceFile file = first.Open();
        file.HotReset(file.Group).Errno.Should().Be(Errno.EINVAL, "the second is nobody's");

        host.VfioPci.Bind(second.Pci);

        file.HotReset(file.Group).Should().Succeed();
    }

    /// <summary>The second version of the RFC noted the state itself, and put it right after a reset.</summary>
    [Theory]
    [InlineData("rfc-v2")]
    [InlineData("rfc-v3")]
    [InlineData("linux-6.1")]
    public void Memory_of_a_function_that_was_reset_out_of_D3hot_is_there_again(string profile)
    {
        using var nic = new OpenNic(KernelProfile.Parse(profile));
        nic.File.Config.WritePmcsrState(PowerState.D3Hot);
        nic.File.Read(0, 0, new byte[4]).Errno.Should().Be(Errno.EIO);

        nic.File.HotReset(nic.File.Group).Should().Succeed();
        nic.File.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);

        nic.File.Read(0, 0, new byte[4]).Should().Be((KernelResult)4);
    }

    [Theory]
    [InlineData("linux-6.1", Errno.EINVAL)]
    [InlineData("linux-6.12", Errno.EBUSY)]
    [InlineData("linux-7.3", Errno.EBUSY)]
    public void vfio_pci_dev_set_hot_reset_looks_whose_a_function_is_when_it_comes_to_it(string profile, Errno error)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        VfioDeviceFile first = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.0", DeviceImages.Nvme, f => f.WithIommuGroup(1))).Open();
        VfioPciDevice second = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.1", DeviceImages.Nvme, f => f.WithIommuGroup(2)));
        PendingCall reset = first.BeginReset();
        reset.IsCompleted.Should().BeFalse("it waits for the function, and has locked its memory");

        first.HotReset(first.Group).Errno.Should().Be(error, $"that of {second.Pci.Name} is not named");
    }

    [Theory]
    [InlineData("linux-6.1", PowerState.D3Hot)]
    [InlineData("linux-6.12", PowerState.D0)]
    [InlineData("linux-7.3", PowerState.D3Hot)]
    public void vfio_pci_dev_set_try_reset_wakes_no_sleeping_neighbour_once_idle_D3_is_disabled(string profile, PowerState neighbour)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        DeviceImage withoutReset = DeviceImages.E1000E.WithPowerManagement(capabilities: 0x0003, controlStatus: PmRegisters.NoSoftReset);
        VfioDeviceFile file = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.0", withoutReset)).Open();
        PciDevice second = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.1", withoutReset)).Pci;
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        second.Should().BeIn(PowerState.D3Hot);

        host.VfioPci.Reload(new VfioModuleParameters { DisableIdleD3 = true });
        file.Dispose();
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        host.VfioPci.Devices.Should().OnlyContain(device => !device.NeedsReset);
        second.Should().BeIn(neighbour).And.HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_function_that_another_driver_has_keeps_the_bus_from_being_reset()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice first = port.AddEndpoint("0000:01:00.0");
        port.AddEndpoint("0000:01:00.1");
        using VfioDeviceFile file = host.VfioPci.Bind(first).Open();

        file.HotReset(file.Group).Errno.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData("rfc-v1")]
    [InlineData("linux-6.1")]
    public void A_function_that_does_not_come_back_makes_it_fail_after_a_minute(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", setup: function =>
            function.WithBehavior(new HardwareBehavior { SilenceAfterD3Hot = HardwareBehavior.Forever }));
        using VfioDeviceFile file = host.VfioPci.Bind(nic).Open();
        TimeSpan before = host.Clock.Now;

        file.HotReset(file.Group).Errno.Should().Be(Errno.ENOTTY);

        (host.Clock.Now - before).Should().BeGreaterThan(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void While_somebody_is_busy_with_one_of_them_it_does_not_wait()
    {
        using var pair = new Pair(KernelProfile.RfcV1);
        pair.Second.TryLock();

        pair.File.HotReset(pair.File.Group).Errno.Should().Be(Errno.EAGAIN);

        pair.First.IsLocked.Should().BeFalse();
    }

    [Fact]
    public void Under_the_RFC_a_sleeping_neighbour_is_reset_and_left_powered_and_counted_as_asleep()
    {
        using var pair = new Pair(KernelProfile.RfcV1);
        pair.Host.Clock.Advance(OpenNic.AutosuspendDelay);
        pair.Second.PowerState.Should().Be(PowerState.D3Hot);

        pair.File.HotReset(pair.File.Group).Should().Be(KernelResult.Success);
        pair.Host.Clock.Advance(OpenNic.AutosuspendDelay);

        pair.Second.PowerState.Should().Be(PowerState.D0);
        pair.Second.RuntimeStatus.Should().Be(RuntimeStatus.Suspended);
        pair.Second.UsageCount.Should().Be(0);
    }

    [Fact]
    public void Linux_6_1_wakes_a_sleeping_neighbour_and_lets_it_sleep_again()
    {
        using var pair = new Pair(KernelProfile.Linux6_1);
        pair.Host.Clock.Advance(OpenNic.AutosuspendDelay);
        pair.Second.PowerState.Should().Be(PowerState.D3Hot);

        pair.File.HotReset(pair.File.Group).Should().Be(KernelResult.Success);
        pair.Host.Clock.Advance(OpenNic.AutosuspendDelay);

        pair.Second.PowerState.Should().Be(PowerState.D3Hot);
        pair.Second.RuntimeStatus.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void Linux_6_1_gives_up_when_a_neighbour_cannot_be_woken()
    {
        using var pair = new Pair(KernelProfile.Linux6_1);
        pair.Host.Clock.Advance(OpenNic.AutosuspendDelay);
        pair.Second.RuntimePm.Disable();

        pair.File.HotReset(pair.File.Group).Errno.Should().Be(Errno.EACCES);

        pair.First.UsageCount.Should().Be(1, "what was taken before is given back");
    }

    /// <summary>Two functions of one device, both bound, the first one open.</summary>
    private sealed class Pair : IDisposable
    {
        public Pair(KernelProfile profile)
        {
            Host = new SimulatedHost(profile);
            PciDevice port = Host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
            First = port.AddEndpoint("0000:01:00.0");
            Second = port.AddEndpoint("0000:01:00.1");
            VfioPciDevice first = Host.VfioPci.Bind(First);
            Host.VfioPci.Bind(Second);
            File = first.Open();
        }

        public SimulatedHost Host { get; }

        public PciDevice First { get; }

        public PciDevice Second { get; }

        public VfioDeviceFile File { get; }

        public void Dispose() => Host.Dispose();
    }

    /// <summary>The reset gave back a lock that it had not taken, threw, and kept the bridge's for ever.</summary>
    [Theory]
    [MemberData(nameof(ReleasedKernels.WithLowPower), MemberType = typeof(ReleasedKernels))]
    public void A_function_that_is_found_while_its_bus_is_reset_has_nothing_to_do_with_that(string profile)
    {
        using SimulatedHost host = StandardTopology.Parse("f").Make(KernelProfile.Parse(profile));
        host["0000:01:00.0"].Sysfs.Write("remove", "1").Should().Succeed();
        VfioDeviceFile file = host.VfioPci.Devices[0].Open();
        bool wasFound = false;
        for (PendingCall reset = file.BeginHotReset(file.Group); !reset.IsCompleted; host.Clock.RunNext(0))
        {
            using SimulatedHost fork = host.Fork();
            fork.Topology.Sysfs.BeginWrite("rescan", "1");
            wasFound |= fork.Devices.Count == 3 && fork["0000:00:03.0"].IsLocked;
            fork.Clock.Advance(TimeSpan.FromSeconds(5));

            fork.Devices.Should().NotContain(static device => device.IsLocked);
        }

        wasFound.Should().BeTrue("else nothing was tried");
    }
}
