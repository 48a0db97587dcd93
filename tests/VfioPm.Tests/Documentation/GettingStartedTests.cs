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
        nic.Should().HaveStayedIn(PowerState.D3Cold, since: asleep);                  // without a break
        nic.Should().HaveStayedAsleep(since: asleep);                                 // nobody woke it, not even for a moment
        nic.Should().HaveNeverEntered(PowerState.D1);
        port.Should().HaveBeenPutToSleepBy("autosuspend timer");                      // in the words of the timeline
        nic.Hardware.Should().BeIn(PowerState.D3Cold).And.NotAnswer();                // the silicon, not the kernel's belief
        device.Should().BeOpen().And.ShowPowerState(PowerState.D3Hot);                // what the guest would read, without waking
        host.Trace.Should().HaveSeenInOrder((nic, PowerState.D3Hot), (port, PowerState.D3Cold));
        host.Trace.Should().HaveSeenInOrder((nic, "guest asks for low power in PMCSR"), (nic, "hardware D3Hot → D3Cold"));
        device.Config.Should().HaveRegister(0x00, 2, 0x8086);                         // what the guest reads; reading may wake
    }

    [Fact]
    public void Time_passes_until_an_assertion_holds()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        PciDevice nic = host.AddRootPort("0000:00:03.0", p => p.WithPowerResource()).AddEndpoint("0000:01:00.0");
        using VfioDeviceFile device = host.VfioPci.Bind(nic).Open();

        device.Config.WritePmcsrState(PowerState.D3Hot);
        nic.Should().Within(TimeSpan.FromSeconds(2)).BeIn(PowerState.D3Cold);

        PciDeviceCheck.IsIn(nic, PowerState.D3Cold).Verify();
        PciDeviceCheck.IsIn(nic, PowerState.D3Cold).Verify(within: TimeSpan.FromSeconds(2));
        Verdict verdict = PciDeviceCheck.IsIn(nic, PowerState.D0).Look();              // verdict.Holds, verdict.ToString()

        verdict.Holds.Should().BeFalse();
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
