namespace VfioPm.Tests;

/// <summary>The reset methods that need more than the function: a table of devices, the firmware, a CXL port.</summary>
public sealed class ResetMethodsTests
{
    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_dev_acpi_reset_comes_before_what_the_function_can_do(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddRootPort("0000:00:03.0")
            .AddEndpoint("0000:01:00.0", setup: setup => setup.WithFirmwareReset());
        nic.Sysfs.Read("reset_method").Text.Should().StartWith("acpi ");
        nic.Sysfs.Write("reset_method", "acpi").Should().Succeed();
        TimeSpan before = host.Clock.Now;
        nic.Sysfs.Write("reset", "1").Should().Succeed();
        (host.Clock.Now - before).Should().Be(TimeSpan.Zero, "the firmware waits, if anybody does");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void delay_250ms_after_flr_is_a_reset_of_three_drives(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice drive = host.AddEndpoint("0000:00:05.0", WithFlr(DeviceImages.Nvme).WithIdentity(0x8086, 0x0953));
        drive.Sysfs.Read("reset_method").Text.Should().StartWith("device_specific flr");
        TimeSpan before = host.Clock.Now;
        drive.Sysfs.Write("reset", "1").Should().Succeed();
        (host.Clock.Now - before).Should().Be(TimeSpan.FromMilliseconds(384), "100 ms and 250 ms end with ticks, the latter with every eighth");

        drive.Sysfs.Write("reset_method", "flr").Should().Succeed();
        before = host.Clock.Now;
        drive.Sysfs.Write("reset", "1").Should().Succeed();
        (host.Clock.Now - before).Should().BeLessThan(TimeSpan.FromMilliseconds(110));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void nvme_disable_and_flr_disables_the_controller_and_waits_until_it_is(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        var registers = new Nvme();
        PciDevice drive = host.AddEndpoint(
            "0000:00:05.0",
            WithFlr(DeviceImages.Nvme).WithIdentity(0x144d, 0xa804, 0x010802),
            setup => setup.WithRegisters(registers));
        host.VfioPci.Bind(drive).Open().Dispose();
        registers.ReadyReads = 3;
        registers.Configuration = 0x1;
        TimeSpan before = host.Clock.Now;
        drive.Sysfs.Write("reset", "1").Should().Succeed();
        registers.Configuration.Should().Be(0);
        (host.Clock.Now - before).Should().BeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(400));
    }

    /// <summary>It does not decode memory any more (<c>pci_dev_save_and_disable()</c>): what says that the panel is off reads as ones.</summary>
    [Fact]
    public void reset_ivb_igd_waits_ten_seconds_for_a_panel_that_it_cannot_see()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice graphics = host.AddEndpoint(
            "0000:00:02.0", DeviceImages.E1000E.WithIdentity(0x8086, 0x0166, 0x030000).WithBarSize(0, 0x40_0000));
        TimeSpan before = host.Clock.Now;

        graphics.Sysfs.Write("reset", "1").Should().Succeed();

        (host.Clock.Now - before).Should().BeCloseTo(TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(50));
        host.Log.Should().Say("0000:00:02.0: timeout during reset");
    }

    /// <summary>Its capabilities say that it takes five times half a second at most.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void nvme_disable_and_flr_waits_no_longer_than_the_controller_says(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        var registers = new Nvme { ReadyReads = int.MaxValue, Configuration = 0x1 };
        PciDevice drive = host.AddEndpoint(
            "0000:00:05.0",
            WithFlr(DeviceImages.Nvme).WithIdentity(0x144d, 0xa804, 0x010802),
            setup => setup.WithRegisters(registers));
        TimeSpan before = host.Clock.Now;

        drive.Sysfs.Write("reset", "1").Should().Succeed();

        (host.Clock.Now - before).Should().BeCloseTo(TimeSpan.FromSeconds(2.7), TimeSpan.FromSeconds(0.2));
        host.Log.Should().Say("0000:00:05.0: Timeout waiting for NVMe ready status to clear after disable");
    }

    /// <summary>No memory is decoded here, as no virtual function's own Memory Space Enable turns off: the firmware's answer reads as ones.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void reset_hinic_vf_dev_waits_fifteen_seconds_for_the_firmware(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0", WithFlr(DeviceImages.E1000E).WithIdentity(0x19e5, 0x375e));
        TimeSpan before = host.Clock.Now;

        nic.Sysfs.Write("reset", "1").Should().Succeed();

        (host.Clock.Now - before).Should().BeCloseTo(TimeSpan.FromSeconds(15.1), TimeSpan.FromSeconds(0.1));
        host.Log.Should().Say("0000:00:05.0: Reset dev timeout, FLR ack reg: 0xffffffff");
    }

    [Theory]
    [InlineData(0x8086, 0x10ed)]
    [InlineData(0x8086, 0x0156)]
    [InlineData(0x8086, 0x0166)]
    [InlineData(0x19e5, 0x375e)]
    public void pci_dev_reset_methods_has_rows_that_ask_nothing_but_the_identity(int vendor, int device)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);

        host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithIdentity((ushort)vendor, (ushort)device))
            .Sysfs.Read("reset_method").Text.Should().StartWith("device_specific");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_dev_specific_reset_of_a_device_that_another_row_refuses_is_none(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithIdentity(0x1425, 0x5000))
            .Sysfs.Read("reset_method").Text.Should().NotContain("device_specific");
        PciDevice chelsio = host.AddEndpoint("0000:00:06.0", WithFlr(DeviceImages.E1000E).WithIdentity(0x1425, 0x4001));
        chelsio.Sysfs.Read("reset_method").Text.Should().StartWith("device_specific");
        chelsio.Sysfs.Write("reset", "1").Should().Succeed();
    }

    // pci_dev_reset_slot_function() does the same as the bus reset that comes next, and -ENOTTY of a card that does not come back means "next".
    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_reset_bus_function_resets_the_bus_once_more_where_the_card_of_a_slot_does_not_come_back(string profile)
    {
        BusResetsOfDeadCard(profile, DeviceImages.RootPort.WithHotplugSlot()).Should().Be(2);
        BusResetsOfDeadCard(profile, DeviceImages.RootPort).Should().Be(1);
        BusResetsOfDeadCard(profile, DeviceImages.RootPort.WithHotplugSlot(), headerType: 0x80).Should().Be(1);
    }

    [Theory]
    [InlineData("linux-6.1", "pm bus", 0)]
    [InlineData("linux-6.12", "pm bus cxl_bus", 1)]
    [InlineData("linux-7.3", "pm cxl_bus", 1)]
    public void cxl_reset_bus_function_lets_the_reset_through_a_CXL_port(string profile, string methods, int works)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice card = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(CxlRootPort))
            .AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(0x0003));
        card.Sysfs.Read("reset_method").Text.Should().Be(methods);
        KernelResult set = card.Sysfs.Write("reset_method", "cxl_bus");
        if (works == 0)
        {
            set.Should().FailWith(Errno.EINVAL);
            return;
        }

        set.Should().Succeed();
        card.Sysfs.Write("reset", "1").Should().Succeed();
        if (methods.Contains(" bus", StringComparison.Ordinal))
        {
            card.Sysfs.Write("reset_method", "bus").Should().Succeed();
            card.Sysfs.Write("reset", "1").Should().FailWith(Errno.ENOTTY);
        }
    }

    // cxl_reset_bus_function(): bit 0 of the port's control, for as long as it takes.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public void cxl_reset_bus_function_leaves_the_port_as_it_was(int before, int after)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(CxlRootPort));
        PciDevice card = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(0x0003));
        int control = PortExtensions.Capabilities.FindExtended(ExtendedCapabilityId.DesignatedVendorSpecific)!.Value.Offset + 0x0c;
        port.Hardware.WriteConfig(control, 2, (uint)before);
        card.Sysfs.Write("reset_method", "cxl_bus").Should().Succeed();

        PendingCall reset = card.Sysfs.BeginWrite("reset", "1");
        port.Hardware.ReadConfig(control, 2).Should().Be(1);
        host.Clock.Advance(TimeSpan.FromSeconds(5));

        reset.Result.Should().Be(KernelResult.Success);
        port.Hardware.ReadConfig(control, 2).Should().Be((uint)after);
    }

    // set_pcie_cxl(): CXL.cache or CXL.mem is up in the Flex Bus Port Status of what is CXL's; IO alone is none.
    [Theory]
    [InlineData(0x1e98, 0x0001, "pm cxl_bus")]
    [InlineData(0x1e98, 0x0004, "pm cxl_bus")]
    [InlineData(0x1e98, 0x0002, "pm bus cxl_bus")]
    [InlineData(0x8086, 0x0004, "pm bus cxl_bus")]
    public void Linux_7_3_asks_what_is_spoken_below_a_CXL_port(int vendor, int status, string methods)
    {
        using var host = new SimulatedHost(KernelProfile.Linux7_3);
        DeviceImage image = QuietCxlRootPort.WithCapability(
            ExtendedCapabilityId.DesignatedVendorSpecific, [(byte)vendor, (byte)(vendor >> 8), 0x80, 0x01, 0x07, 0, 0, 0, 0, 0, (byte)status, 0], isExtended: true);

        host.AddRootPort("0000:00:03.0", setup => setup.WithImage(image))
            .AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(0x0003))
            .Sysfs.Read("reset_method").Text.Should().Be(methods);
    }

    // 6.12 does not look further where the port swallows the reset.
    [Theory]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", false)]
    public void pci_reset_bus_function_of_6_12_offers_what_a_CXL_port_swallows_though_there_are_others(string profile, bool isOffered)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(CxlRootPort));
        port.AddEndpoint("0000:01:00.0");
        port.AddEndpoint("0000:01:00.1").ResetMethods.Methods.Contains(ResetMethod.Bus).Should().Be(isOffered);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_af_flr_needs_both_bits_of_the_capability(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        DeviceImage both = DeviceImages.E1000E.WithCapability(CapabilityId.AdvancedFeatures, [6, 3, 0, 0]);
        DeviceImage one = DeviceImages.E1000E.WithCapability(CapabilityId.AdvancedFeatures, [6, 2, 0, 0]);
        host.AddEndpoint("0000:00:05.0", both).ResetMethods.Methods.Should().Contain(ResetMethod.AfFlr);
        host.AddEndpoint("0000:00:06.0", one).ResetMethods.Methods.Should().NotContain(ResetMethod.AfFlr);
    }

    [Theory]
    [InlineData("linux-6.1", "pm bus")]
    [InlineData("linux-6.12", "pm bus cxl_bus")]
    [InlineData("linux-7.3", "pm bus cxl_bus")]
    public void pci_reset_bus_function_of_7_3_asks_no_port_below_which_no_CXL_is_spoken(string profile, string methods)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        host.AddRootPort("0000:00:03.0", setup => setup.WithImage(QuietCxlRootPort))
            .AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(0x0003))
            .Sysfs.Read("reset_method").Text.Should().Be(methods);
    }

    /// <summary>A CXL port that swallows resets, and below which CXL is spoken.</summary>
    private static DeviceImage CxlRootPort => QuietCxlRootPort.WithCapability(
        ExtendedCapabilityId.DesignatedVendorSpecific, [0x98, 0x1e, 0x80, 0x01, 0x07, 0, 0, 0, 0, 0, 0x04, 0], isExtended: true);

    private static DeviceImage QuietCxlRootPort => PortExtensions.WithWritableBits(
        PortExtensions.Capabilities.FindExtended(ExtendedCapabilityId.DesignatedVendorSpecific)!.Value.Offset + 0x0c, 2, 0x0001);

    // With something at its end, where another capability could not be else.
    private static DeviceImage PortExtensions => DeviceImages.RootPort.WithCapability(
        ExtendedCapabilityId.DesignatedVendorSpecific, [0x98, 0x1e, 0x80, 0x02, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], isExtended: true);

    private static DeviceImage WithFlr(DeviceImage image)
    {
        byte[] bytes = image.Bytes.ToArray();
        int express = image.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        bytes[express + ExpressRegisters.DeviceCapabilities + 3] |= 0x10;
        return image.WithBytes(bytes);
    }

    /// <summary>As much of an NVMe controller as the reset looks at.</summary>
    // Up to 6.12 the slot has device 0 only; who is alone on the bus was no question of it on any.
    [Theory]
    [InlineData("linux-6.1", "pm bus", "pm")]
    [InlineData("linux-6.12", "pm bus", "pm")]
    [InlineData("linux-7.3", "pm bus", "pm bus")]
    public void pci_dev_reset_slot_function_does_not_ask_who_else_is_on_the_bus(string profile, string first, string second)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        DeviceImage image = DeviceImages.E1000E.WithPowerManagement(0x0003);
        PciDevice slot = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(DeviceImages.RootPort.WithHotplugSlot()));
        PciDevice card = slot.AddEndpoint("0000:01:00.0", image);
        PciDevice other = slot.AddEndpoint("0000:01:08.0", image);

        card.Sysfs.Write("reset_method", "default").Should().Succeed();
        card.Sysfs.Read("reset_method").Text.Should().Be(first);
        other.Sysfs.Read("reset_method").Text.Should().Be(second);
    }

    private static int BusResetsOfDeadCard(string profile, DeviceImage port, byte headerType = 0)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        var registers = new ResetCounter();
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        bytes[PciRegisters.HeaderType] = headerType;
        PciDevice card = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(port)).AddEndpoint(
            "0000:01:00.0",
            WithFlr(DeviceImages.E1000E.WithBytes(bytes)),
            setup => setup.WithRegisters(registers).WithBehavior(new HardwareBehavior { SilenceAfterFunctionLevelReset = HardwareBehavior.Forever }));
        card.Sysfs.Write("reset_method", "flr");
        card.Sysfs.Write("reset", "1").Should().FailWith(Errno.ENOTTY);
        card.Sysfs.Write("reset_method", "bus").Should().Succeed();
        registers.Edges = 0;
        card.Sysfs.Write("reset", "1").Should().FailWith(Errno.ENOTTY);
        return registers.Edges / 2;
    }

    private sealed class ResetCounter : IDeviceRegisters
    {
        // The line of a bus reset goes down, and up.
        public int Edges { get; set; }

        public ulong Read(int bar, long offset, int width) => 0;

        public void Write(int bar, long offset, int width, ulong value)
        {
        }

        public void Reset(ResetKind kind) => Edges += kind == ResetKind.Bus ? 1 : 0;

        public IForkable Fork(ForkContext fork) => this;

        public void AddTo(ref StateHash hash) => hash.Add(Edges);
    }

    private sealed class Nvme : IDeviceRegisters
    {
        public uint Configuration { get; set; }

        public int ReadyReads { get; set; }

        public ulong Read(int bar, long offset, int width) => offset switch
        {
            0x00 => 0x0400_0000,
            0x14 => Configuration,
            0x1c => ReadyReads-- > 0 ? 1u : 0u,
            _ => 0,
        };

        public void Write(int bar, long offset, int width, ulong value)
        {
            if (offset == 0x14)
            {
                Configuration = (uint)value;
            }
        }

        public void Reset(ResetKind kind)
        {
        }

        public IForkable Fork(ForkContext fork) => this;

        public void AddTo(ref StateHash hash) => hash.Add(Configuration);
    }
}
