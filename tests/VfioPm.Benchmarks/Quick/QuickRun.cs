using System.Globalization;

namespace VfioPm.Benchmarks;

/// <summary>All figures in under a minute, a line each: <c>name value unit</c>, the floor first.</summary>
internal static class QuickRun
{
    /// <param name="prefix">Which figures: those whose names begin so.</param>
    public static void Print(string prefix)
    {
        Print("floor", new Floor().Measure(), "ns");
        foreach (Figure figure in Figures().Where(f => f.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            Print(figure.Name, figure.Measure(), figure.Unit);
        }
    }

    private static IEnumerable<Figure> Figures() =>
        [.. RuntimePmFigures.All(), .. VfioFigures.All(), .. HostFigures.All()];

    private static void Print(string name, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.##} {unit}"));
}
