using System.Globalization;

namespace VfioPm.Benchmarks;

/// <summary>All figures in under a minute, a line each: <c>name value unit</c>, the floor first.</summary>
internal static class QuickRun
{
    /// <param name="prefix">Which figures: those whose names begin so.</param>
    public static void Print(string prefix)
    {
        Print("floor", new Floor().Measure(), "ns");
        foreach (Figure figure in Figures(prefix).Where(f => f.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            Print(figure.Name, figure.Measure(), figure.Unit);
        }
    }

    private static IEnumerable<Figure> Figures(string prefix) =>
        RuntimePmFigures.All()
            .Concat(VfioFigures.All())
            .Concat(HostFigures.All())
            .Concat(SearchFigures.All())
            .Concat(prefix.StartsWith("fleet", StringComparison.Ordinal)
                ? FleetFigures.All(1_000, 32_000, FleetFigures.Largest)
                : FleetFigures.All(1_000, 32_000));

    private static void Print(string name, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.##} {unit}"));
}
