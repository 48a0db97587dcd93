namespace VfioPm;

/// <summary>What the colours of a drawing mean: of the values that are in it, those of power states from light to deep sleep.</summary>
internal sealed class SvgLegend
{
    private const double RowHeight = 18;
    private const double Sample = 12;
    private const double Gap = 6;
    private const double Distance = 18;

    private static readonly string[] Order =
    [
        "d0", "d1", "d2", "d3hot", "d3cold", "unknown", "active", "suspending", "suspended", "resuming", "count",
    ];

    private readonly List<(string Look, string Text, double X, int Row)> _entries = [];

    /// <param name="lanes">What is drawn.</param>
    /// <param name="hasMarks">Whether there are marks, too.</param>
    /// <param name="width">How wide the legend may be.</param>
    public SvgLegend(IReadOnlyCollection<Lane> lanes, bool hasMarks, double width)
    {
        double x = 0;
        int row = 0;
        foreach ((string look, string text) in EntriesOf(lanes, hasMarks))
        {
            double room = Sample + Gap + SvgStyle.WidthOf(text) + Distance;
            if (x > 0 && x + room > width)
            {
                x = 0;
                row++;
            }

            _entries.Add((look, text, x, row));
            x += room;
        }

        Height = _entries.Count > 0 ? (row + 1) * RowHeight : 0;
    }

    /// <summary>How high it is.</summary>
    public double Height { get; }

    public void Draw(SvgLayers layers, double left, double top)
    {
        foreach ((string look, string text, double x, int row) in _entries)
        {
            double at = left + x;
            double baseline = top + (row * RowHeight) + Sample - 2;
            layers.Labels.Add(look == "mark"
                ? SvgElements.Circle(at + (Sample / 2), baseline - 4, 3, "key mark")
                : SvgElements.Rectangle(at, baseline - Sample + 2, Sample, Sample, $"key {look}"));
            layers.Labels.Add(SvgElements.Text(at + Sample + Gap, baseline, text, "pale"));
        }
    }

    private static IEnumerable<(string Look, string Text)> EntriesOf(
        IReadOnlyCollection<Lane> lanes, bool hasMarks)
    {
        var looks = lanes
            .SelectMany(static lane => lane.Intervals.Select(interval => new LaneShape(lane).LookOf(interval)))
            .ToHashSet();
        foreach (string look in Order.Where(looks.Contains))
        {
            yield return (look, TextOf(look));
        }

        if (hasMarks)
        {
            yield return ("mark", "what somebody did");
        }
    }

    private static string TextOf(string look) => look switch
    {
        "d0" or "d1" or "d2" => look.ToUpperInvariant(),
        "d3hot" => "D3hot",
        "d3cold" => "D3cold",
        "count" => "usage count",
        _ => look,
    };
}
