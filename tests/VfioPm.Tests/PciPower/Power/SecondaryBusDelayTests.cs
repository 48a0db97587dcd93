namespace VfioPm.Tests;

/// <summary>How long a bridge that was powered on waits for what is below it (<c>pci_bus_max_d3cold_delay()</c>).</summary>
public sealed class SecondaryBusDelayTests
{
    [Theory]
    [InlineData(true, 136)]
    [InlineData(false, 0)]
    public void A_function_without_PM_capability_is_waited_for_no_time(bool hasPm, int milliseconds)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        DeviceImage image = hasPm ? DeviceImages.E1000E : DeviceImages.E1000E.WithoutCapability(CapabilityId.PowerManagement);
        PciDevice nic = port.AddEndpoint("0000:01:00.0", image);
        nic.Power.Pm.Should().Match(pm => hasPm == (pm != null));
        nic.Sysfs.Write("d3cold_allowed", "1").Should().Succeed();
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        port.Should().BeIn(PowerState.D3Cold);
        TimeSpan asked = host.Clock.Now;

        port.RuntimePm.GetSync().Should().Succeed();

        (host.Clock.Now - asked).TotalMilliseconds.Should().BeInRange(milliseconds - 1, milliseconds + 5);
    }

    /// <summary>Tpvrh and Trhfa of PCI Local Bus 3.0, section 4.3.2.</summary>
    [Fact]
    public void A_conventional_bus_is_waited_for_a_second_longer()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddRootPort(
                "0000:00:03.0", static setup => setup.WithImage(DeviceImages.RootPort.WithoutCapability(CapabilityId.Express)))
            .AddEndpoint("0000:01:00.0");
        nic.Sysfs.Write("reset_method", "bus").Should().Succeed();
        TimeSpan asked = host.Clock.Now;

        nic.Sysfs.Write("reset", "1").Should().Succeed();

        (host.Clock.Now - asked).Should().BeGreaterThan(TimeSpan.FromMilliseconds(1100));
    }
}
