namespace VfioPm.Tests;

/// <summary>Where a rescan looks (<c>pci_rescan_bus()</c>, <c>pci_scan_child_bus_extend()</c>).</summary>
public sealed class BusScanTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12);
    private readonly PciDevice _port;
    private readonly PciDevice _first;

    public BusScanTests()
    {
        _port = _host.AddRootPort("0000:00:03.0");
        _first = _port.AddUpstreamPort("0000:01:00.0").AddDownstreamPort("0000:02:00.0").AddEndpoint("0000:03:00.0");
        _first.Upstream!.AddEndpoint("0000:03:00.1").Sysfs.Write("remove", "1").Should().Succeed();
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void rescan_store_of_the_bus_looks_behind_bridges_behind_bridges()
    {
        _host.Topology.Sysfs.Write("rescan", "1").Should().Succeed();

        _host["0000:03:00.1"].IsThere.Should().BeTrue();
    }

    [Fact]
    public void dev_rescan_store_looks_at_the_functions_own_bus()
    {
        _first.Sysfs.Write("rescan", "1").Should().Succeed();

        _host["0000:03:00.1"].IsThere.Should().BeTrue();
    }
}
