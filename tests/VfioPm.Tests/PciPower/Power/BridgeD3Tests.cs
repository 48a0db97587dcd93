namespace VfioPm.Tests;

/// <summary>Who below keeps a port from sleeping (<c>pci_bridge_d3_update()</c>, <c>pci_dev_check_d3cold()</c>).</summary>
public sealed class BridgeD3Tests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12);
    private readonly PciDevice _root;
    private readonly PciDevice _port;
    private readonly PciDevice _first;
    private readonly PciDevice _second;

    public BridgeD3Tests()
    {
        _root = _host.AddRootPort("0000:00:03.0", static port => port.WithPowerResource());
        _port = _root.AddUpstreamPort("0000:01:00.0").AddDownstreamPort("0000:02:00.0");
        _first = _port.AddEndpoint("0000:03:00.0");
        _second = _port.AddEndpoint("0000:03:00.1");
        MaySleep.Should().Equal(true, true, true);
    }

    private IEnumerable<bool> MaySleep => [_root.BridgeD3, _port.Upstream!.BridgeD3, _port.BridgeD3];

    public void Dispose() => _host.Dispose();

    [Fact]
    public void pci_d3cold_disable_keeps_all_ports_above_awake_and_pci_d3cold_enable_lets_them_go()
    {
        PciPm.DisableD3Cold(_first);
        MaySleep.Should().Equal(false, false, false);
        _first.NoD3Cold.Should().BeTrue();

        PciPm.EnableD3Cold(_first);
        MaySleep.Should().Equal(true, true, true);
        _first.NoD3Cold.Should().BeFalse();
    }

    [Fact]
    public void pci_bridge_d3_update_asks_the_others_before_it_lets_a_port_sleep()
    {
        PciPm.DisableD3Cold(_first);
        PciPm.DisableD3Cold(_second);

        PciPm.EnableD3Cold(_first);
        MaySleep.Should().Equal(false, false, false);

        PciPm.EnableD3Cold(_second);
        MaySleep.Should().Equal(true, true, true);
    }

    // Its own children mind nothing, but somebody further down does.
    [Fact]
    public void pci_bridge_d3_update_asks_those_below_other_bridges_too()
    {
        PciDevice beside = _port.Upstream!.AddDownstreamPort("0000:02:01.0").AddEndpoint("0000:04:00.0");
        PciPm.DisableD3Cold(_first);
        PciPm.DisableD3Cold(beside);

        PciPm.EnableD3Cold(_first);

        MaySleep.Should().Equal(false, false, true);
    }

    [Fact]
    public void pci_bridge_d3_update_of_a_function_that_is_removed_asks_those_who_are_left()
    {
        PciPm.DisableD3Cold(_first);
        PciPm.DisableD3Cold(_second);

        _second.Sysfs.Write("remove", "1").Should().Succeed();
        MaySleep.Should().Equal(false, false, false);
        _first.Sysfs.Write("remove", "1").Should().Succeed();

        MaySleep.Should().Equal(true, true, true);
    }
}
