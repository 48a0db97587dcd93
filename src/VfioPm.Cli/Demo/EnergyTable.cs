using System.Globalization;

namespace VfioPm.Cli;

/// <summary>
/// What the states of the RFC's table are worth: the energy that an unused function takes in a minute, by platform and
/// kernel.
/// </summary>
internal sealed class EnergyTable
{
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(1);
    private static readonly PowerRating Rating = PowerRating.Intel82559;
    private static readonly KernelProfile[] Profiles = [KernelProfile.PreRfc, KernelProfile.RfcV1, KernelProfile.Linux6_1];

    private readonly List<Row> _rows = [];

    private EnergyTable()
    {
    }

    /// <summary>Runs the model for every row.</summary>
    public static EnergyTable Measure()
    {
        var table = new EnergyTable();
        foreach (bool cutsPower in new[] { false, true })
        {
            table._rows.AddRange(Profiles.Select(profile => new Row(cutsPower, profile, Measure(cutsPower, profile))));
        }

        return table;
    }

    public void WriteTo(TextWriter output)
    {
        output.WriteLine("What a minute of that costs a network controller, in joules, and what sleeping saved against D0:");
        output.WriteLine();
        output.WriteLine("        platform | kernel    |  takes | saved in D3hot | saved in D3cold");
        output.WriteLine("-----------------|-----------|--------|----------------|----------------");
        foreach (Row row in _rows)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Platform,16} | {row.Profile.Name,-9} | {row.Energy.Joules,6:0.0} | "
                + $"{row.Energy.SavedIn(PowerState.D3Hot),14:0.0} | {row.Energy.SavedIn(PowerState.D3Cold),15:0.0}"));
        }

        output.WriteLine();
        output.WriteLine($"Figures: {Rating.Source}.");
    }

    private static EnergyAccount Measure(bool cutsPower, KernelProfile profile)
    {
        using var host = new SimulatedHost(profile);
        PciDevice bridge = host.AddRootPort("0000:00:03.0", setup => _ = cutsPower ? setup.WithPowerResource() : setup);
        PciDevice function = bridge.AddEndpoint("0000:01:00.0");
        TimeSpan bound = host.Clock.Now;
        host.VfioPci.Bind(function);
        host.Clock.Advance(bound + Duration - host.Clock.Now);
        return EnergyAccount.Of(function, Rating, since: bound);
    }

    private sealed record Row(bool CutsPower, KernelProfile Profile, EnergyAccount Energy)
    {
        public string Platform => CutsPower ? "can cut power" : "cannot cut power";
    }
}
