namespace VfioPm.Tests;

/// <summary>What <c>drivers/pci/quirks.c</c> makes of functions, by their identity.</summary>
public sealed class QuirkTests
{
    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_no_pm_reset_leaves_an_AMD_graphics_card_nothing_but_the_bus(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        DeviceImage card = Resettable(DeviceImages.E1000E).WithIdentity(0x1002, 0x67df, 0x030000);
        host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", card).Sysfs.Read("reset_method").Text.Should().Be("bus");
        host.AddEndpoint("0000:00:05.0", card).Sysfs.Read("reset_method").Text
            .Should().Be("pm", "on a root bus an ineffective reset is better than none");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_nvidia_hda_pm_gives_20_ms_and_a_fifth_more_to_leave_D3hot(string profile)
    {
        WakeTime(profile, DeviceImages.E1000E.WithIdentity(0x10de, 0x10f0, 0x040300)).Should().Be(TimeSpan.FromMilliseconds(24));
        WakeTime(profile, DeviceImages.E1000E).Should().Be(TimeSpan.FromMilliseconds(12));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_ryzen_xhci_d3hot_and_quirk_radeon_pm_do_so_too(string profile)
    {
        WakeTime(profile, DeviceImages.E1000E.WithIdentity(0x1022, 0x15e0)).Should().Be(TimeSpan.FromMilliseconds(24));
        WakeTime(profile, DeviceImages.E1000E.WithIdentity(0x1002, 0x6741)).Should().Be(TimeSpan.FromMilliseconds(12));
        WakeTime(profile, WithSubsystem(DeviceImages.E1000E.WithIdentity(0x1002, 0x6741), 0x106b, 0x00e2))
            .Should().Be(TimeSpan.FromMilliseconds(24));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_remove_d3hot_delay_waits_for_nothing(string profile) =>
        WakeTime(profile, DeviceImages.E1000E.WithIdentity(0x8086, 0x8c31)).Should().Be(TimeSpan.Zero);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_intel_pcie_pm_makes_everybody_in_the_machine_wait(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        host.AddRootPort("0000:00:02.0", setup => setup.WithImage(DeviceImages.RootPort.WithIdentity(0x8086, 0x25e2)));
        WakeTime(host).Should().Be(TimeSpan.FromMilliseconds(144));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_dev_d3_sleep_adds_a_millisecond_at_least(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        nic.Hardware.D3HotDelay = TimeSpan.FromMilliseconds(3);
        WakeTime(host, nic).Should().Be(TimeSpan.FromMilliseconds(4));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_no_ata_d3_keeps_an_old_disk_controller_in_D0(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice disk = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithIdentity(0x1106, 0x0571, 0x01018a));
        host.VfioPci.Bind(disk);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        disk.Should().BeIn(PowerState.D0).And.HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    [Theory]
    [InlineData("linux-6.1", PowerState.D3Hot)]
    [InlineData("linux-6.12", PowerState.D3Hot)]
    [InlineData("linux-7.3", PowerState.D0)]
    public void quirk_plx_pex_no_d3_keeps_a_downstream_port_in_D0(string profile, PowerState expected)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice downstream = host.AddRootPort("0000:00:03.0").AddUpstreamPort("0000:01:00.0").AddDownstreamPort(
            "0000:02:00.0",
            setup => setup.WithImage(
                DeviceImages.RootPort.WithPortType(ExpressPortType.DownstreamPort).WithIdentity(0x10b5, 0x8532)));
        host.VfioPci.Bind(downstream.AddEndpoint("0000:03:00.0"));
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        downstream.PowerState.Should().Be(expected);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_no_bus_reset_takes_the_bus_from_the_function_the_user_and_the_administrator(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice wifi = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithIdentity(0x168c, 0x0030));
        wifi.Sysfs.Read("reset_method").Text.Should().NotContain("bus");
        port.Sysfs.Write("reset_subordinate", "1").Should().FailWith(Errno.ENOTTY);
        VfioPciDevice bound = host.VfioPci.Bind(wifi);
        using VfioDeviceFile file = bound.Open();
        file.HotReset(file.Group).Should().FailWith(Errno.ENODEV);
        file.GetHotResetInfo(out _).Should().FailWith(Errno.ENODEV);
    }

    [Theory]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", false)]
    public void quirk_no_bus_reset_of_some_cards_is_not_in_every_release(string profile, bool expected) =>
        Methods(profile, DeviceImages.E1000E.WithIdentity(0x17cb, 0x1103)).Contains("bus").Should().Be(expected);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_nvidia_no_bus_reset_is_for_64_device_IDs(string profile)
    {
        Methods(profile, DeviceImages.E1000E.WithIdentity(0x10de, 0x2340)).Should().NotContain("bus");
        Methods(profile, DeviceImages.E1000E.WithIdentity(0x10de, 0x2380)).Should().Contain("bus");
    }

    [Theory]
    [InlineData("linux-6.1", 0x1022, 0x149c, false)]
    [InlineData("linux-6.1", 0x14c3, 0x0616, true)]
    [InlineData("linux-6.12", 0x14c3, 0x0616, false)]
    [InlineData("linux-6.12", 0x14c3, 0x7925, true)]
    [InlineData("linux-7.3", 0x14c3, 0x7925, false)]
    public void quirk_no_flr_takes_the_reset_that_hangs(string profile, ushort vendor, ushort device, bool hasFlr)
    {
        string[] methods = Methods(profile, WithFlr(DeviceImages.E1000E).WithIdentity(vendor, device));
        methods.Contains("flr").Should().Be(hasFlr);
        methods.Contains("af_flr").Should().Be(hasFlr);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_no_flr_snet_is_for_one_revision(string profile)
    {
        Methods(profile, WithFlr(DeviceImages.E1000E).WithIdentity(0xd063, 0x1000, revision: 1)).Should().NotContain("flr");
        Methods(profile, WithFlr(DeviceImages.E1000E).WithIdentity(0xd063, 0x1000, revision: 2)).Should().Contain("flr");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_fixup_no_d0_pme_and_pci_fixup_no_msi_no_pme_do_not_believe_in_PME(string profile)
    {
        StateAsleep(profile, (0x1b21, 0x2142), pmc: 0x0803).Should().Be(PowerState.D3Hot, "PME# from D0 alone would keep it there");
        StateAsleep(profile, (0x1b21, 0x2143), pmc: 0x0803).Should().Be(PowerState.D0);
        StateAsleep(profile, (0x12d8, 0x400e), pmc: 0x0803).Should().Be(PowerState.D3Hot);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_no_msi_gives_no_message_interrupts(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithIdentity(0x1002, 0x4386));
        nic.Sysfs.Read("msi_bus").Text.Should().Be("0");
        host.AddRootPort("0000:00:03.0", setup => setup.WithImage(DeviceImages.RootPort.WithIdentity(0x1022, 0x7450)))
            .Sysfs.Read("msi_bus").Text.Should().Be("0", "quirk_disable_msi is for all below");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_pcie_mch_gives_no_message_interrupts(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithIdentity(0x8086, 0x3590)).Sysfs.Read("msi_bus").Text.Should().Be("0");
        host.AddEndpoint("0000:00:06.0", DeviceImages.E1000E.WithIdentity(0x19e5, 0x1610)).Sysfs.Read("msi_bus").Text
            .Should().Be("1", "it is for ports only");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_disable_all_msi_leaves_nobody_in_the_machine_message_interrupts(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        host.AddEndpoint("0000:00:04.0", DeviceImages.E1000E.WithIdentity(0x144d, 0xa5e3));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        VfioPciDevice bound = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.0"));
        using VfioDeviceFile file = bound.Open();
        file.EnableIrqs(VfioIrqIndex.Msi, new EventFd()).Should().FailWith(Errno.EINVAL);
        (port.Hardware.ReadConfig(PciRegisters.Command, 2) & PciRegisters.CommandInterruptDisable).Should().Be(0, "its services have the pin");
        using SimulatedHost fork = host.Fork();
        fork.ComputeStateHash().Should().Be(host.ComputeStateHash());
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_jmicron_async_suspend_has_parts_of_a_controller_suspended_in_order(string profile)
    {
        Async(profile, 0x2363, 0x010185, multifunction: true).Should().Be("disabled");
        Async(profile, 0x2363, 0x010601, multifunction: true).Should().Be("disabled");
        Async(profile, 0x2363, 0x010602, multifunction: true).Should().Be("enabled", "only AHCI is meant, to the programming interface");
        Async(profile, 0x2362, 0x010400, multifunction: true).Should().Be("disabled");
        Async(profile, 0x2362, 0x010400, multifunction: false).Should().Be("enabled");

        static string? Async(string profile, ushort device, int @class, bool multifunction)
        {
            using var host = new SimulatedHost(KernelProfile.Parse(profile));
            byte[] bytes = DeviceImages.E1000E.WithIdentity(0x197b, device, @class).Bytes.ToArray();
            bytes[PciRegisters.HeaderType] |= multifunction ? PciRegisters.HeaderTypeMultifunction : (byte)0;
            return host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithBytes(bytes)).Sysfs.Read("power/async").Text;
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_fixup_amd_ehci_pme_and_pci_fixup_amd_fch_xhci_pme_do_not_believe_in_PME(string profile)
    {
        StateAsleep(profile, (0x1022, 0x7808), pmc: 0xda03).Should().Be(PowerState.D1, "nothing deeper wakes it");
        StateAsleep(profile, (0x1022, 0x7914), pmc: 0x0803).Should().Be(PowerState.D3Hot);
        StateAsleep(profile, (0x1022, 0x7915), pmc: 0x0803).Should().Be(PowerState.D0);
    }

    [Theory]
    [InlineData("linux-6.12", false, false)]
    [InlineData("linux-7.3", false, true)]
    [InlineData("linux-7.3", true, false)]
    public void quirk_p45_bw_notifications_has_a_port_not_tell_of_its_link(string profile, bool isQuirky, bool tells)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        byte[] bytes = DeviceImages.RootPort.WithIdentity(0x8086, (ushort)(isQuirky ? 0x2e21 : 0x2e20)).Bytes.ToArray();
        int express = DeviceImages.RootPort.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        bytes[express + ExpressRegisters.LinkCapabilities + 2] |= 0x20;
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(DeviceImages.RootPort.WithBytes(bytes)));
        (port.Hardware.ReadConfig(express + ExpressRegisters.LinkControl, 2) & ExpressRegisters.LinkControlBandwidthInterrupts)
            .Should().Be(tells ? ExpressRegisters.LinkControlBandwidthInterrupts : 0u);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void quirk_gpu_hda_makes_the_audio_of_a_graphics_card_its_consumer_and_lets_it_sleep(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice graphics = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithIdentity(0x10de, 0x2206, 0x030000));
        PciDevice audio = port.AddEndpoint("0000:01:00.1", DeviceImages.E1000E.WithIdentity(0x10de, 0x1aef, 0x040300));
        audio.RuntimePm.Suppliers.Should().ContainSingle().Which.Supplier.Should().Be(graphics.RuntimePm);
        audio.Sysfs.Read("power/control").Text.Should().Be("auto");
        graphics.Sysfs.Read("power/control").Text.Should().Be("on");
        port.AddEndpoint("0000:01:00.2", DeviceImages.E1000E.WithIdentity(0x10de, 0x1aef, 0x040300))
            .RuntimePm.Suppliers.Should().BeEmpty("audio is function 1");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_fixup_d3cold_delay_1sec_waits_a_second_for_one_card(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice card = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithIdentity(0x5555, 0x0004));
        host.VfioPci.Bind(card);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        card.Should().BeIn(PowerState.D3Cold);
        TimeSpan before = host.Clock.Now;
        card.RuntimePm.GetSync().Should().Succeed();
        (host.Clock.Now - before).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void An_image_that_meets_a_quirk_says_so()
    {
        PciQuirks.Of(DeviceImages.E1000E).Should().BeEmpty();
        PciQuirk quirk = PciQuirks.Of(DeviceImages.E1000E.WithIdentity(0x14c3, 0x7925)).Should().ContainSingle().Subject;
        quirk.Name.Should().Be("quirk_no_flr");
        quirk.Releases.Should().Be(QuirkReleases.Linux7_3);
    }

    private static string[] Methods(string profile, DeviceImage image)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        return host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", image).Sysfs.Read("reset_method").Text?.Split(' ') ?? [];
    }

    private static PowerState StateAsleep(string profile, (ushort Vendor, ushort Device) identity, ushort pmc)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice device = host.AddEndpoint(
            "0000:00:05.0",
            DeviceImages.E1000E.WithPowerManagement(pmc).WithIdentity(identity.Vendor, identity.Device));
        host.VfioPci.Bind(device);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        return device.PowerState;
    }

    private static TimeSpan WakeTime(string profile, DeviceImage image)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        return WakeTime(host, host.AddEndpoint("0000:00:05.0", image));
    }

    private static TimeSpan WakeTime(SimulatedHost host, PciDevice? device = null)
    {
        PciDevice sleeper = device ?? host.AddEndpoint("0000:00:05.0");
        host.VfioPci.Bind(sleeper);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        sleeper.PowerState.Should().Be(PowerState.D3Hot);
        TimeSpan before = host.Clock.Now;
        sleeper.RuntimePm.GetSync().Should().Succeed();
        return host.Clock.Now - before;
    }

    private static DeviceImage Resettable(DeviceImage image) => image.WithPowerManagement(0x0003);

    private static DeviceImage WithFlr(DeviceImage image)
    {
        byte[] bytes = image.Bytes.ToArray();
        int express = image.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        bytes[express + ExpressRegisters.DeviceCapabilities + 3] |= 0x10;
        return image.WithBytes(bytes).WithCapability(CapabilityId.AdvancedFeatures, [6, 3, 0, 0]);
    }

    private static DeviceImage WithSubsystem(DeviceImage image, ushort vendor, ushort device)
    {
        byte[] bytes = image.Bytes.ToArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(PciRegisters.SubsystemVendorId), vendor);
        BitConverter.TryWriteBytes(bytes.AsSpan(PciRegisters.SubsystemId), device);
        return image.WithBytes(bytes);
    }
}
