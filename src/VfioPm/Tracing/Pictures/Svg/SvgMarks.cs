namespace VfioPm;

/// <summary>
/// Draws what was done to a device: a dot at the moment and the words beside it, in as many rows as it takes that no words
/// meet. Where more is done at once than there are rows, the rest has its words under the pointer only.
/// </summary>
internal sealed class SvgMarks
{
    private const double RowHeight = 15;
    private const int MostRows = 8;
    private const double Radius = 3;
    private const double Gap = 7;

    private readonly string _device;
    private readonly TimeAxis _axis;
    private readonly DeviceAliases _aliases;
    private readonly List<Placed> _placed = [];

    public SvgMarks(DeviceLanes device, TimeAxis axis, DeviceAliases aliases)
    {
        _device = device.Title;
        _aliases = aliases;
        _axis = axis;
        double[] taken = new double[MostRows];
        Array.Fill(taken, double.NegativeInfinity);
        foreach ((Mark mark, string label) in Labels(device.Marks))
        {
            double x = axis.At(mark.Time);
            int row = Array.FindIndex(taken, end => end <= x);
            if (row >= 0)
            {
                taken[row] = x + Gap + SvgStyle.WidthOf(label) + Gap;
                Right = Math.Max(Right, taken[row]);
                Height = Math.Max(Height, (row + 1) * RowHeight);
            }

            _placed.Add(new Placed(mark, label, row));
        }
    }

    /// <summary>How high all rows are.</summary>
    public double Height { get; private set; }

    /// <summary>How far the words reach, from the beginning of the axis.</summary>
    public double Right { get; private set; }

    /// <param name="layers">Where to draw.</param>
    /// <param name="left">Where the axis begins.</param>
    /// <param name="top">Where the rows begin.</param>
    /// <param name="bottom">How far down a mark is to be seen.</param>
    public void Draw(SvgLayers layers, double left, double top, double bottom)
    {
        foreach (IGrouping<TimeSpan, Placed> moment in _placed.GroupBy(static placed => placed.Mark.Time))
        {
            // One thread for all of a moment: dashes of several would fill each other's gaps.
            layers.Moments.Add(SvgElements.Line(left + _axis.At(moment.Key), moment.Min(placed => HeightOf(placed, top)), bottom, "thread"));
        }

        foreach (Placed placed in _placed)
        {
            double x = left + _axis.At(placed.Mark.Time);
            bool hasWords = placed.Row >= 0;
            double y = HeightOf(placed, top);
            string why = placed.Mark.Cause is { } cause ? $"\npart of {_aliases.In(cause.ToString())}" : "";
            layers.Labels.Add(SvgElements.Group(
                "mark",
                SvgElements.Tooltip($"{_device}: {placed.Label}\n{_axis.TextOf(placed.Mark.Time)}{why}"),
                SvgElements.Circle(x, y, Radius, "mark")));
            if (hasWords)
            {
                layers.Labels.Add(SvgElements.Text(x + Gap, y + 4, placed.Label, "over"));
            }
        }
    }

    private static double HeightOf(in Placed placed, double top) =>
        top + ((placed.Row >= 0 ? placed.Row : MostRows - 1) * RowHeight) + (RowHeight / 2);

    /// <summary>
    /// What is worth words: of an access and what is asked with it the latter, and of the same again and again one.
    /// </summary>
    private static IEnumerable<(Mark Mark, string Label)> Labels(IEnumerable<Mark> marks)
    {
        foreach (IGrouping<TimeSpan, Mark> moment in marks.GroupBy(mark => mark.Time))
        {
            HashSet<string?> wholes = [.. moment.Select(mark => mark.Cause?.What)];
            foreach (IGrouping<string, Mark> same in moment.Where(mark => !wholes.Contains(mark.What)).GroupBy(mark => mark.What))
            {
                yield return (same.First(), OperationFolding.Words(same.Key, same.Count()));
            }
        }
    }

    /// <summary>A mark, its words, and the row that they have; -1 where there was none.</summary>
    private readonly record struct Placed(Mark Mark, string Label, int Row);
}
