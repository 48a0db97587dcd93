namespace VfioPm.Tests;

/// <summary>The code of docs/concepts.md.</summary>
public sealed class ConceptsDocumentTests
{
    [Fact]
    public void A_guest_sleeps_and_wakes()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0", p => p.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        VfioDeviceFile device = host.VfioPci.Bind(nic).Open();

        using LinuxGuest guest = host.Boot(device, vmm => vmm.WithPowerResource());
        guest.Driver.GoIdle();                                          // after a second the guest suspends its device
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        nic.Should().BeIn(PowerState.D3Cold);

        guest.Driver.Use();                                             // and now it needs it
        nic.Should().BeIn(PowerState.D0);
    }
}
