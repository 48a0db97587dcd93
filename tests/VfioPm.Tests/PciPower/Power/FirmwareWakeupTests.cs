namespace VfioPm.Tests;

/// <summary>Which functions the kernel arms for wakeup because of what the firmware says (<c>pci_acpi_setup()</c>).</summary>
public sealed class FirmwareWakeupTests
{
    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    public static TheoryData<string> Profiles => ["pre-rfc", "rfc-v1", "linux-6.1", "linux-6.12", "linux-7.3"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void pci_acpi_setup_arms_a_port_that_may_sleep_and_whose_wake_signal_leads_somewhere(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource().WithWake());

        port.Sysfs.Read("power/wakeup").Should().Be("enabled");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void pci_acpi_setup_does_not_arm_a_port_that_may_not_sleep(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile), firmware: new Firmware { Year = 2014 });
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource().WithWake());

        port.Sysfs.Read("power/wakeup").Should().Be("disabled");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void pci_acpi_setup_does_not_arm_a_card(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice card = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", setup: setup => setup.WithPowerResource().WithWake());

        card.Sysfs.Read("power/wakeup").Should().Be("disabled");
    }

    // What is to wake must be able to do so from D3cold, and this port has no PME.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_dev_check_d3cold_of_a_switch_that_is_armed_keeps_the_root_port_up(string profile)
    {
        RootPortAbove(profile, isArmed: true).BridgeD3.Should().BeFalse();
        RootPortAbove(profile, isArmed: false).BridgeD3.Should().BeTrue();
    }

    // D1 and D2 are not among the firmware's states, and so no limit; D0 and D3hot always are.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void acpi_dev_pm_get_state_takes_a_deepest_wake_state_that_there_is_not_for_D3cold(string profile)
    {
        StateAsleep(profile, PowerState.D1).Should().Be(PowerState.D3Cold);
        StateAsleep(profile, PowerState.D2).Should().Be(PowerState.D3Cold);
        StateAsleep(profile, PowerState.D3Hot).Should().Be(PowerState.D3Hot);
        StateAsleep(profile, PowerState.D0).Should().Be(PowerState.D0);
    }

    private static PciDevice RootPortAbove(string profile, bool isArmed)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice root = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        root.AddUpstreamPort("0000:01:00.0", setup =>
        {
            setup.WithImage(DeviceImages.RootPort.WithPowerManagement(capabilities: 3)).WithPowerResource();
            _ = isArmed ? setup.WithWake() : setup;
        });
        return root;
    }

    private static PowerState StateAsleep(string profile, PowerState deepest)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0", setup: setup => setup.WithPowerResource().WithWake(deepest));
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        return nic.PowerState;
    }
}
