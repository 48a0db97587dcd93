namespace VfioPm.Tests;

/// <summary>What a function tells whoever listens, and what the kernel takes down of one that is gone.</summary>
public sealed class PciDeviceTests : IDisposable
{
    private const int CacheLineSize = 0x0c;

    private readonly SimulatedHost _host = new(KernelProfile.Linux6_1);
    private readonly PciDevice _nic;
    private readonly Heard _heard = new();

    public PciDeviceTests()
    {
        _nic = _host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0");
        _host.Topology.Events.Add(_heard);
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Who_listens_hears_of_resets_and_of_accesses_that_nobody_answers()
    {
        _nic.Hardware.Reset();
        _nic.Hardware.ReadBar(0, 0x10, 4);

        _heard.Lines.Should().Equal("0000:01:00.0 FunctionLevel", "0000:01:00.0 BAR 0 at 10");
    }

    [Fact]
    public void Nobody_hears_of_a_function_that_was_removed()
    {
        PciFunction hardware = _nic.Hardware;
        _nic.Sysfs.Write("remove", "1").Should().Succeed();
        _heard.Lines.Clear();

        hardware.Reset();
        hardware.ReadBar(0, 0x10, 4);

        _heard.Lines.Should().BeEmpty();
    }

    // pci_read_config_dword() of who is disconnected gives ones, which pci_restore_state() of older kernels writes.
    [Fact]
    public void pci_save_state_of_who_is_disconnected_takes_ones_down()
    {
        PciDevice other = _host.AddEndpoint("0000:00:05.0");
        int control = _nic.Express!.Offset + 0x08;
        other.Hardware.WriteConfig(control, 2, 0xffff);
        _nic.IsDisconnected = true;
        Do(static device => PciPm.SaveState(device));
        _nic.IsDisconnected = false;

        Do(static device => PciPm.RestoreState(device));

        _nic.Hardware.ReadConfig(CacheLineSize, 1).Should().Be(0xff);
        _nic.Hardware.ReadConfig(control, 2).Should().Be(other.Hardware.ReadConfig(control, 2));
    }

    private void Do(Func<PciDevice, KernelCall> call) => ScriptedDriver.Do(_nic, async device =>
    {
        await call(device);
        return 0;
    }).Should().Succeed();

    private sealed class Heard : IPciPowerListener
    {
        public List<string> Lines { get; } = [];

        public void OnReset(PciDevice device, ResetKind kind) => Lines.Add($"{device.Name} {kind}");

        public void OnUnanswered(PciDevice device, int? bar, long offset) => Lines.Add($"{device.Name} BAR {bar} at {offset:x}");

        public IForkable Fork(ForkContext fork) => new Heard();
    }
}
