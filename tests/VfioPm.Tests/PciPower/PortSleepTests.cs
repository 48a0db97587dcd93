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

    [Fact]
    public void Only_a_port_has_a_slot()
    {
        Action act = () => DeviceImages.E1000E.WithHotplugSlot();
        act.Should().Throw<InvalidOperationException>().WithMessage("*no PCI Express port*");
    }

    /// <summary>What becomes of a port when the function below it is bound to vfio-pci and nobody uses it.</summary>
    private static PowerState StateOfPort(Firmware firmware, Func<FunctionSetup, FunctionSetup> setup)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1, firmware: firmware);
        PciDevice port = host.AddRootPort("0000:00:03.0", wishes => setup(wishes));
        host.VfioPci.Bind(port.AddEndpoint("0000:01:00.0"));
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        return port.PowerState;
    }
}
