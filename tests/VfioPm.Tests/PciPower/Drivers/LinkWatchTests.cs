namespace VfioPm.Tests;

/// <summary>Interrupts of a link that became slower or faster (<c>drivers/pci/pcie/bwctrl.c</c> of Linux 7.3).</summary>
public sealed class LinkWatchTests : IDisposable
{
    private const uint CommonClock = 0x0040;
    private const uint Changes = ExpressRegisters.LinkStatusBandwidthChanged | ExpressRegisters.LinkStatusChangedByItself;

    private readonly SimulatedHost _host = new(KernelProfile.Linux7_3);
    private readonly PciDevice _port;

    public LinkWatchTests()
    {
        byte[] bytes = DeviceImages.RootPort.Bytes.ToArray();
        int express = DeviceImages.RootPort.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        bytes[express + ExpressRegisters.LinkCapabilities + 2] |= (byte)(ExpressRegisters.LinkCapabilitiesNotifiesOfBandwidth >> 16);
        bytes[express + ExpressRegisters.LinkControl] |= (byte)CommonClock;
        BitConverter.TryWriteBytes(bytes.AsSpan(express + ExpressRegisters.LinkStatus), (ushort)(Changes | 0x0001));
        _port = _host.AddRootPort("0000:00:03.0", setup => setup.WithImage(DeviceImages.RootPort.WithBytes(bytes)));
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void pcie_bwnotif_enable_clears_both_changes_and_leaves_the_rest_of_Link_Control()
    {
        LinkControl().Should().Be(CommonClock | ExpressRegisters.LinkControlBandwidthInterrupts);
        (LinkStatus() & Changes).Should().Be(0);
        _port.Bridge!.SawLinkChange.Should().BeTrue();
    }

    [Fact]
    public void pcie_bwnotif_disable_of_a_port_whose_driver_goes_leaves_the_rest_of_Link_Control()
    {
        _port.Unbind();

        LinkControl().Should().Be(CommonClock);
    }

    [Fact]
    public void pcie_bwnotif_disable_is_for_the_time_in_which_the_machine_sleeps()
    {
        PendingCall sleep = _host.SystemSleep.BeginSuspend(SystemSleepState.S2Idle, TimeSpan.FromHours(1));
        _host.Clock.Advance(TimeSpan.FromSeconds(1));
        LinkControl().Should().Be(CommonClock);

        _host.Clock.Advance(TimeSpan.FromHours(1));
        sleep.IsCompleted.Should().BeTrue();
        LinkControl().Should().Be(CommonClock | ExpressRegisters.LinkControlBandwidthInterrupts);
    }

    private uint LinkControl() => _port.Hardware.Configuration.Read(_port.Express!.Offset + ExpressRegisters.LinkControl, 2);

    private uint LinkStatus() => _port.Hardware.Configuration.Read(_port.Express!.Offset + ExpressRegisters.LinkStatus, 2);
}
