namespace VfioPm.Benchmarks;

/// <summary>
/// Very many functions on one host, 32 below each of its ports, bound and not used: what one of them costs should not depend on how
/// many there are.
/// </summary>
internal static class FleetFigures
{
    /// <summary>So large a fleet takes a minute and ten gigabytes, and is for who asks for fleets.</summary>
    public const int Largest = 1_000_000;

    private const int BelowEach = 32;

    // Enough for the delay after which all are in D3cold.
    private static readonly TimeSpan Sleep = TimeSpan.FromSeconds(10);

    public static IEnumerable<Figure> All(params int[] sizes) => sizes.SelectMany(Of);

    private static IEnumerable<Figure> Of(int functions)
    {
        SimulatedHost fleet = null!;
        yield return PerFunction("fleet_build", functions, () => fleet = Build(functions));
        yield return PerFunction("fleet_suspend", functions, () => fleet.Clock.Advance(Sleep));
        yield return PerFunction("fleet_resume", functions, () =>
        {
            foreach (PciDevice device in fleet.Devices)
            {
                _ = device.RuntimePm.GetSync();
            }
        });
    }

    /// <summary>Measured once, since each changes what there is for the next.</summary>
    private static Figure PerFunction(string name, int functions, Action work) =>
        new($"{name}_{functions}", "us", () => ProcessorTime.Of(work).TotalMicroseconds / functions);

    private static SimulatedHost Build(int functions)
    {
        var host = new SimulatedHost(KernelProfile.RfcV1);
        host.Trace.IsEnabled = false;
        for (int port = 0; port < functions / BelowEach; port++)
        {
            string domain = $"{port / BelowEach:x4}";
            PciDevice bridge = host.AddRootPort($"{domain}:00:{port % BelowEach:x2}.0", p => p.WithPowerResource());
            for (int device = 0; device < BelowEach; device++)
            {
                host.VfioPci.Bind(bridge.AddEndpoint($"{domain}:{(port % BelowEach) + 1:x2}:{device:x2}.0"));
            }
        }

        return host;
    }
}
