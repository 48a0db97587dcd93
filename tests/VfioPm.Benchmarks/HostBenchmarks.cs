using BenchmarkDotNet.Attributes;

namespace VfioPm.Benchmarks;

/// <summary>Making, copying and comparing whole hosts: a port and a number of bound and opened functions.</summary>
[MemoryDiagnoser]
public class HostBenchmarks : IDisposable
{
    private SimulatedHost _host = null!;

    /// <summary>How many functions, each below a port of its own.</summary>
    [Params(1, 16)]
    public int Functions { get; set; }

    [GlobalSetup]
    public void SetUp() => _host = MakeHost();

    [GlobalCleanup]
    public void Dispose()
    {
        _host.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The bytes allocated, divided by the functions, are what one function and its port cost.</summary>
    [Benchmark]
    public SimulatedHost MakeHost()
    {
        var host = new SimulatedHost(KernelProfile.RfcV1);
        host.Trace.IsEnabled = false;
        for (int bus = 1; bus <= Functions; bus++)
        {
            PciDevice port = host.AddRootPort($"0000:00:{bus:x2}.0", p => p.WithPowerResource());
            _ = host.VfioPci.Bind(port.AddEndpoint($"0000:{bus:x2}:00.0")).Open();
        }

        return host;
    }

    [Benchmark]
    public SimulatedHost Fork() => _host.Fork();

    [Benchmark]
    public ulong StateHash() => _host.ComputeStateHash();
}
