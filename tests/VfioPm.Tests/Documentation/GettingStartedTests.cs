namespace VfioPm.Tests;

/// <summary>The code of docs/getting-started.md.</summary>
public sealed class GettingStartedTests
{
    [Fact]
    public void A_machine_is_made_and_asserted_about()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        PciDevice port = host.AddRootPort("0000:00:03.0", p => p.WithPowerResource());  // its power can be cut
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E);
        PciDevice disk = host.AddEndpoint("0000:00:04.0", DeviceImages.Nvme);

        disk.Upstream.Should().BeNull();
        using VfioDeviceFile device = host.VfioPci.Bind(nic).Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);
        host.Clock.Advance(TimeSpan.FromSeconds(1.5));
        TimeSpan asleep = host.Clock.Now;

        nic.Should().BeIn(PowerState.D3Cold).And.HaveUsageCount(0).And.HaveRuntimeStatus(RuntimeStatus.Suspended);
        nic.Should().HaveGone(PowerState.D0, PowerState.D3Hot, PowerState.D3Cold);    // its latest states, the present one last
        nic.Should().HaveStayedIn(PowerState.D3Cold, since: asleep);                  // nobody woke it
        nic.Hardware.Should().BeIn(PowerState.D3Cold);                                // the silicon, not the kernel's belief
        host.Trace.Should().HaveSeenInOrder((nic, PowerState.D3Hot), (port, PowerState.D3Cold));
        device.Config.Should().HaveRegister(0x00, 2, 0x8086);                         // what the guest reads
    }

    [Fact]
    public void A_session_leaves_no_usage_count_behind()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        VfioPciDevice bound = host.VfioPci.Bind(host.AddEndpoint("0000:00:04.0", DeviceImages.Nvme));

        UsageBaseline before = UsageBaseline.Of(host.RuntimePm);
        using (VfioDeviceFile device = bound.Open())
        {
            device.Config.WritePmcsrState(PowerState.D3Hot);
        }

        host.Should().BeBalancedSince(before);                                        // no usage count leaked
    }
}
