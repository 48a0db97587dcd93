namespace VfioPm.Tests;

public sealed class FirstTest
{
    [Fact]
    public void A_guest_that_asks_for_D3hot_gets_D3cold_where_the_platform_can_cut_power()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        PciDevice port = host.AddRootPort("0000:00:03.0", p => p.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0");

        using VfioDeviceFile device = host.VfioPci.Bind(nic).Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);
        host.Clock.Advance(TimeSpan.FromSeconds(1.5));

        nic.PowerState.Should().Be(PowerState.D3Cold);
        port.PowerState.Should().Be(PowerState.D3Cold);
        device.Config.ReadPmcsrState().Should().Be(PowerState.D3Hot);
        nic.PowerState.Should().Be(PowerState.D3Cold);
    }
}
