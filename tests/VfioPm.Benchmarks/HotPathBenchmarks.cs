using BenchmarkDotNet.Attributes;

namespace VfioPm.Benchmarks;

/// <summary>What a test does most, with the trace off: a guest's device below a root port whose power can be cut.</summary>
[MemoryDiagnoser]
public class HotPathBenchmarks : IDisposable
{
    private const int Command = 0x04;
    private static readonly TimeSpan Sleep = TimeSpan.FromSeconds(1.5);

    private SimulatedHost _host = null!;
    private PciDevice _nic = null!;
    private VfioDeviceFile _device = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _host = new SimulatedHost(KernelProfile.RfcV1);
        _host.Trace.IsEnabled = false;
        PciDevice port = _host.AddRootPort("0000:00:03.0", p => p.WithPowerResource());
        _nic = port.AddEndpoint("0000:01:00.0");
        _device = _host.VfioPci.Bind(_nic).Open();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _device.Dispose();
        _host.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public KernelResult GetAndPut()
    {
        _ = _nic.RuntimePm.GetSync();
        return _nic.RuntimePm.PutAutosuspend();
    }

    [Benchmark]
    public uint GuestConfigRead() => _device.Config.Read(Command, 2);

    [Benchmark]
    public void GuestConfigWrite() => _device.Config.Write(Command, 2, 0x0103);

    [Benchmark]
    public KernelResult HostConfigRead()
    {
        Span<byte> bytes = stackalloc byte[4];
        return _nic.HostConfig.Read(Command, bytes);
    }

    [Benchmark]
    public KernelResult HostConfigWrite() => _nic.HostConfig.Write(Command, [0x03, 0x01]);

    /// <summary>The guest writes D3hot, function and port go to D3cold, the guest writes D0.</summary>
    [Benchmark]
    public PowerState SuspendAndResume()
    {
        _device.Config.WritePmcsrState(PowerState.D3Hot);
        _host.Clock.Advance(Sleep);
        _device.Config.WritePmcsrState(PowerState.D0);
        return _nic.PowerState;
    }

    /// <summary>The same with the trace on, as a test has it unless it says otherwise.</summary>
    [Benchmark]
    public PowerState SuspendAndResumeTraced()
    {
        _host.Trace.IsEnabled = true;
        PowerState state = SuspendAndResume();
        _host.Trace.Clear();
        _host.Trace.IsEnabled = false;
        return state;
    }
}
