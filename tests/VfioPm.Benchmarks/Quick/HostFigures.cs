namespace VfioPm.Benchmarks;

/// <summary>Making, copying and comparing hosts, and what they keep.</summary>
internal static class HostFigures
{
    private const int Functions = 256;

    public static IEnumerable<Figure> All()
    {
        var machine = new Machine(KernelProfile.RfcV1);
        yield return Figure.PerOperation("fork", () => machine.Host.Fork());
        yield return Figure.PerOperation("state_hash", () => machine.Host.ComputeStateHash());
        yield return Figure.PerOperation("make_host", static () => _ = new Machine(KernelProfile.RfcV1));
        yield return Figure.BytesKept("bytes_per_function", Functions, static () => Bound(out _));
        yield return Figure.BytesKept("bytes_per_open_function", Functions, static () =>
        {
            SimulatedHost host = Bound(out List<VfioPciDevice> devices);
            devices.ForEach(static device => device.Open());
            return host;
        });
    }

    /// <summary>A host of functions that are bound and idle, each below a port of its own.</summary>
    private static SimulatedHost Bound(out List<VfioPciDevice> devices)
    {
        var host = new SimulatedHost(KernelProfile.RfcV1);
        host.Trace.IsEnabled = false;
        devices = [];
        for (int i = 0; i < Functions; i++)
        {
            int domain = i / 32;
            int slot = i % 32;
            PciDevice port = host.AddRootPort($"{domain:x4}:00:{slot:x2}.0", p => p.WithPowerResource());
            devices.Add(host.VfioPci.Bind(port.AddEndpoint($"{domain:x4}:{slot + 1:x2}:00.0")));
        }

        return host;
    }
}
