namespace VfioPm.Tests;

/// <summary>Which ports the kernel lets sleep once all below them do (<c>pci_bridge_d3_possible()</c>).</summary>
public sealed class PortSleepTests
{
    private static readonly DeviceImage HotplugPort = DeviceImages.RootPort.WithHotplugSlot();

    [Fact]
    public void A_port_of_a_machine_from_2015_sleeps() =>
        StateOfPort(new Firmware { Year = 2015 }, port => port).Should().Be(PowerState.D3Hot);

    [Fact]
    public void A_port_of_an_older_machine_does_not() =>
        StateOfPort(new Firmware { Year = 2014 }, port => port).Should().Be(PowerState.D0);

    [Fact]
    public void A_hotplug_slot_keeps_its_port_awake() =>
        StateOfPort(new Firmware(), port => port.WithImage(HotplugPort)).Should().Be(PowerState.D0);

    [Theory]
    [InlineData(2021)]
    [InlineData(2010)]
    public void Unless_the_firmware_manages_the_ports_power_which_vouches_for_it_whatever_the_year(int year) =>
        StateOfPort(new Firmware { Year = year }, port => port.WithImage(HotplugPort).WithPowerResource())
            .Should().Be(PowerState.D3Cold);

    [Fact]
    public void A_hotplug_port_that_cannot_wake_from_D3_stays_awake() =>
        StateOfPort(
            new Firmware(),
            port => port.WithImage(HotplugPort).WithPowerResource().WithWake(deepest: PowerState.D2))
            .Should().Be(PowerState.D0);

    [Fact]
    public void A_hotplug_port_that_the_firmware_keeps_for_itself_stays_awake() =>
        StateOfPort(
            new Firmware { GrantsHotplug = false },
            port => port.WithImage(HotplugPort).WithPowerResource())
            .Should().Be(PowerState.D0);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_bridge_d3_possible_is_false_for_a_bridge_to_conventional_PCI_and_so_for_the_port_above(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice bridge = port.AddEndpoint("0000:01:00.0", DeviceImages.RootPort.WithPortType(ExpressPortType.PciBridge));
        PciDevice card = bridge.AddEndpoint("0000:02:00.0");
        host.VfioPci.Bind(card);
        bridge.Sysfs.Write("power/control", "auto");
        host.Clock.Advance(TimeSpan.FromSeconds(3));

        bridge.BridgeD3.Should().BeFalse();
        port.BridgeD3.Should().BeFalse();
        port.PowerState.Should().Be(PowerState.D0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pcie_port_pm_off_keeps_every_port_awake(string profile) =>
        StateOfPort(profile, new Firmware(), port => port.WithPowerResource(), "quiet pcie_port_pm=off").Should().Be(PowerState.D0);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pcie_port_pm_force_lets_a_port_sleep_whatever_its_slot_board_and_year(string profile) =>
        StateOfPort(profile, Elo with { Year = 2010 }, port => port.WithImage(HotplugPort), "pcie_port_pm=force")
            .Should().Be(PowerState.D3Hot);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void But_not_one_whose_hotplug_the_firmware_keeps_for_itself(string profile) =>
        StateOfPort(profile, new Firmware { GrantsHotplug = false }, port => port.WithImage(HotplugPort), "pcie_port_pm=force")
            .Should().Be(PowerState.D0);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Which_pcie_ports_native_takes_from_it(string profile) =>
        StateOfPort(
            profile,
            new Firmware { GrantsHotplug = false },
            port => port.WithImage(HotplugPort).WithPowerResource(),
            "pcie_ports=native")
            .Should().Be(PowerState.D3Cold);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_Thunderbolt_port_sleeps_with_a_slot_and_in_an_old_machine(string profile) =>
        StateOfPort(profile, new Firmware { Year = 2010 }, port => port.WithImage(Thunderbolt(vendor: 0x8086)))
            .Should().Be(PowerState.D3Hot);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void That_number_of_another_vendor_says_nothing(string profile) =>
        StateOfPort(profile, new Firmware { Year = 2010 }, port => port.WithImage(Thunderbolt(vendor: 0x1b36)))
            .Should().Be(PowerState.D0);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void bridge_d3_blacklist_keeps_the_ports_of_a_board_awake(string profile) =>
        StateOfPort(profile, Elo, port => port).Should().Be(PowerState.D0);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void HotPlugSupportInD3_of_a_root_port_lets_it_sleep_where_its_wake_signal_goes_somewhere(string profile)
    {
        StateOfPort(profile, new Firmware(), port => port.WithImage(HotplugPort).WithHotplugInD3().WithWake())
            .Should().Be(PowerState.D3Hot);
        StateOfPort(profile, new Firmware(), port => port.WithImage(HotplugPort).WithHotplugInD3())
            .Should().Be(PowerState.D0);
        StateOfPort(profile, new Firmware(), port => port.WithImage(HotplugPort).WithHotplugInD3().WithWake(PowerState.D0))
            .Should().Be(PowerState.D0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void And_it_speaks_for_the_ports_of_a_switch_below_it(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice root = host.AddRootPort("0000:00:03.0", setup => setup.WithHotplugInD3().WithWake());
        PciDevice downstream = root.AddUpstreamPort("0000:01:00.0")
            .AddDownstreamPort("0000:02:00.0", setup => setup.WithImage(HotplugPort.WithPortType(ExpressPortType.DownstreamPort)));
        downstream.BridgeD3.Should().BeTrue();
    }

    // The function that must wake and cannot do so from D3cold minds the sleep above it only once somebody makes the kernel look.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_bridge_d3_update_is_told_by_d3cold_allowed_and_not_by_power_wakeup(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(capabilities: 0x4003));

        nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
        port.BridgeD3.Should().BeTrue();
        nic.Sysfs.Write("d3cold_allowed", "1").Should().Succeed();
        port.BridgeD3.Should().BeFalse();
        nic.Sysfs.Write("power/wakeup", "disabled").Should().Succeed();
        port.BridgeD3.Should().BeFalse();
    }

    [Fact]
    public void A_parameter_of_PCI_that_is_not_modelled_is_refused()
    {
        Action act = () => KernelCommandLine.Parse("quiet pcie_aspm=off");
        act.Should().Throw<ArgumentException>().WithMessage("\"pcie_aspm=off\" is not modelled*");
    }

    [Fact]
    public void Only_a_port_has_a_slot()
    {
        Action act = () => DeviceImages.E1000E.WithHotplugSlot();
        act.Should().Throw<InvalidOperationException>().WithMessage("*no PCI Express port*");
    }

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    private static Firmware Elo { get; } = new() { Board = new Board("Elo Touch Solutions", "Geminilake", "Continental Z2") };

    private static DeviceImage Thunderbolt(ushort vendor) => HotplugPort
        .WithIdentity(vendor, 0x15da)
        .WithCapability(ExtendedCapabilityId.VendorSpecific, [0x34, 0x12, 0xc0, 0x01], isExtended: true);

    private static PowerState StateOfPort(Firmware firmware, Func<FunctionSetup, FunctionSetup> setup) =>
        StateOfPort("linux-6.1", firmware, setup);

    /// <summary>What becomes of a port when the function below it is bound to vfio-pci and nobody uses it.</summary>
    private static PowerState StateOfPort(
        string profile, Firmware firmware, Func<FunctionSetup, FunctionSetup> setup, string commandLine = "")
    {
        using var host = new SimulatedHost(
            KernelProfile.Parse(profile), firmware: firmware, commandLine: KernelCommandLine.Parse(commandLine));
        PciDevice port = host.AddRootPort("0000:00:03.0", wishes => setup(wishes));
        host.VfioPci.Bind(port.AddEndpoint("0000:01:00.0"));
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        return port.PowerState;
    }
}
