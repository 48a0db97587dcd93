namespace VfioPm;

/// <summary>Draws the axis: the times that there is room for, a line down from each, and what is cut out.</summary>
internal sealed class SvgTimeScale(TimeAxis axis, double left)
{
    public const double Height = 38;
    private const double TimesBaseline = 14;
    private const double CutsBaseline = 31;
    private const double Gap = 10;

    // A cut is torn near its end, for at its beginning there are words.
    private const double TearWidth = 7;
    private const double TearDistance = 6;
    private const double Tooth = 4;

    /// <summary>How much room it needs, from the beginning of the axis: the last time sticks out.</summary>
    public double Width => Math.Max(axis.Width, axis.At(axis.Moments[^1]) + (SvgStyle.WidthOf(axis.TextOf(axis.Moments[^1])) / 2));

    /// <param name="layers">Where to draw.</param>
    /// <param name="margin">Where the words beside the axis begin.</param>
    /// <param name="top">Where the axis begins.</param>
    /// <param name="bottom">How far down its lines go.</param>
    public void Draw(SvgLayers layers, double margin, double top, double bottom)
    {
        layers.Labels.Add(SvgElements.Text(margin, top + TimesBaseline, "since boot", "pale"));
        foreach (TimeSpan moment in Labelled())
        {
            double x = left + axis.At(moment);
            layers.Moments.Add(SvgElements.Line(x, top + Height - 14, bottom, "grid"));
            layers.Labels.Add(SvgElements.Text(x, top + TimesBaseline, axis.TextOf(moment), "middle"));
        }

        foreach ((TimeSpan from, TimeSpan to) in axis.Cuts)
        {
            double middle = left + ((axis.At(from) + axis.At(to)) / 2);
            layers.Labels.Add(SvgElements.Text(middle, top + CutsBaseline, axis.TextOf(to - from), "pale middle"));
        }

        if (axis.Cuts.Any())
        {
            layers.Labels.Add(SvgElements.Text(margin, top + CutsBaseline, "quiet for", "pale"));
        }
    }

    /// <summary>Tears the lanes between two heights where time is cut.</summary>
    public void DrawCuts(SvgLayers layers, double top, double bottom)
    {
        foreach ((_, TimeSpan to) in axis.Cuts)
        {
            double end = left + axis.At(to) - TearDistance;
            layers.Cuts.Add(SvgElements.Polygon("tear", [.. Edge(end - TearWidth, top, bottom), .. Edge(end, top, bottom).Reverse()]));
            layers.Cuts.Add(SvgElements.Polyline("tear-edge", Edge(end - TearWidth, top, bottom)));
            layers.Cuts.Add(SvgElements.Polyline("tear-edge", Edge(end, top, bottom)));
        }
    }

    private static IEnumerable<(double X, double Y)> Edge(double x, double top, double bottom)
    {
        double side = Tooth / 2;
        for (double y = top; y <= bottom; y += Tooth)
        {
            yield return (x + side, y);
            side = -side;
        }
    }

    /// <summary>The moments whose times have room, those after a cut first.</summary>
    private IEnumerable<TimeSpan> Labelled()
    {
        List<(double Begin, double End)> taken = [];
        HashSet<TimeSpan> afterCuts = [.. axis.Cuts.Select(cut => cut.To)];
        foreach (TimeSpan moment in axis.Moments.OrderByDescending(moment => afterCuts.Contains(moment)).ThenBy(moment => moment))
        {
            double half = (SvgStyle.WidthOf(axis.TextOf(moment)) + Gap) / 2;
            (double begin, double end) = (axis.At(moment) - half, axis.At(moment) + half);
            if (taken.TrueForAll(other => end <= other.Begin || begin >= other.End))
            {
                taken.Add((begin, end));
                yield return moment;
            }
        }
    }
}
