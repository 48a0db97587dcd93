namespace VfioPm.Tests;

/// <summary>Which functions the kernel arms for wakeup because of what the firmware says (<c>pci_acpi_setup()</c>).</summary>
public sealed class FirmwareWakeupTests
{
    public static TheoryData<string> Profiles => ["pre-rfc", "rfc-v1", "linux-6.1", "linux-6.12", "linux-7.3"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_port_that_may_sleep_and_whose_wake_signal_leads_somewhere_is_armed(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource().WithWake());

        port.Sysfs.Read("power/wakeup").Should().Be("enabled");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_port_that_may_not_sleep_is_not(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile), firmware: new Firmware { Year = 2014 });
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource().WithWake());

        port.Sysfs.Read("power/wakeup").Should().Be("disabled");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_card_is_not(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice card = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", setup: setup => setup.WithPowerResource().WithWake());

        card.Sysfs.Read("power/wakeup").Should().Be("disabled");
    }

    // pci_dev_check_d3cold(): what is to wake must be able to do so from D3cold, and this port has no PME.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_switch_that_is_armed_keeps_the_root_port_up(bool isArmed)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice root = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        DeviceImage image = DeviceImages.RootPort.WithPowerManagement(capabilities: 3);

        root.AddUpstreamPort("0000:01:00.0", setup =>
        {
            setup.WithImage(image).WithPowerResource();
            _ = isArmed ? setup.WithWake() : setup;
        });

        root.BridgeD3.Should().Be(!isArmed);
    }
}
