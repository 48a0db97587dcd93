namespace VfioPm.Tests;

/// <summary>What a driver is told that enables virtual functions (<c>drivers/pci/iov.c</c>).</summary>
public sealed class PciSriovTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12);
    private readonly PciDevice _drive;

    public PciSriovTests() => _drive = _host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.SriovNvme);

    private PciSriov Sriov => _drive.Sriov!;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void sriov_enable_of_none_changes_nothing()
    {
        Enable(0).Should().Be(KernelResult.Success);

        Sriov.NumVfs.Should().Be(0);
        Enable(2).Should().Be(KernelResult.Success);
        Enable(0).Should().Be(KernelResult.Success);
        Sriov.NumVfs.Should().Be(2);
    }

    [Fact]
    public void sriov_enable_refuses_more_than_there_are_and_fewer_than_none()
    {
        Enable(Sriov.TotalVfs + 1).Should().FailWith(Errno.EINVAL);
        Enable(-1).Should().FailWith(Errno.EINVAL);
        Sriov.NumVfs.Should().Be(0);
    }

    [Fact]
    public void sriov_enable_refuses_more_while_some_are_enabled()
    {
        Enable(1).Should().Be(KernelResult.Success);

        Enable(2).Should().FailWith(Errno.EINVAL);

        Sriov.NumVfs.Should().Be(1);
    }

    [Fact]
    public void pci_sriov_configure_simple_takes_all_away_for_none()
    {
        Configure(2).Should().Be(new KernelResult(2));
        Sriov.NumVfs.Should().Be(2);
        Configure(1).Should().FailWith(Errno.EINVAL, "sriov_enable() is asked, too");

        Configure(0).Should().Be(KernelResult.Success);

        Sriov.NumVfs.Should().Be(0);
        _host.Devices.Should().HaveCount(2);
    }

    [Fact]
    public void pci_sriov_set_totalvfs_lowers_the_count_while_none_are_enabled()
    {
        Sriov.SetTotalVfs(1).Should().Be(0);
        Sriov.MostVfs.Should().Be(1);
        Sriov.SetTotalVfs(Sriov.TotalVfs + 1).Should().Be(-Errno.EINVAL);
        Enable(1).Should().Be(KernelResult.Success);

        Sriov.SetTotalVfs(2).Should().Be(-Errno.EBUSY);

        Sriov.MostVfs.Should().Be(1);
    }

    private KernelResult Enable(int count) => ScriptedDriver.Do(_drive, device => device.Sriov!.Enable(count));

    private KernelResult Configure(int count) => ScriptedDriver.Do(_drive, device => device.Sriov!.ConfigureSimple(count));
}
