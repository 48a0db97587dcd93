namespace VfioPm.Tests;

public sealed class ReadmeTest
{
    [Fact]
    public void A_guest_that_asks_for_D3hot_gets_D3cold_where_the_platform_can_cut_power()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        PciDevice port = host.AddRootPort("0000:00:03.0", p => p.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E);

        using VfioDeviceFile device = host.VfioPci.Bind(nic).Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);                // what the guest does
        host.Clock.Advance(TimeSpan.FromSeconds(1.5));                  // the autosuspend delay passes

        nic.Should().BeIn(PowerState.D3Cold).And.HaveUsageCount(0);
        port.Should().HaveGone(PowerState.D0, PowerState.D3Hot, PowerState.D3Cold);
        device.Config.ReadPmcsrState().Should().Be(PowerState.D3Hot);   // what the guest believes
        nic.Should().BeIn(PowerState.D3Cold);                           // and asking did not wake it
    }
}
