using System.Globalization;

namespace VfioPm;

/// <summary>
/// Where each moment of a picture is drawn. Time runs evenly while something happens; a long stretch in which nothing does
/// is cut to a fixed width, and steps too short to be seen, or for the name of what lasts as long, are widened. So the milliseconds of a transition stay readable
/// beside a minute of idling.
/// </summary>
internal sealed class TimeAxis
{
    // Wide enough for the name of a state that begins there.
    private const double CutWidth = 88;

    // The longest transition of PCI, out of D3cold, takes some 120 ms; whoever waits longer waits for nothing to happen.
    private static readonly TimeSpan LongestShown = TimeSpan.FromMilliseconds(250);

    private const double UsualWidth = 900;
    private const double LeastStep = 7;
    private const double LeastPerMillisecond = 1.5;
    private const double MostPerMillisecond = 6;

    // What comes at the very end must be seen too.
    private const double Tail = 70;

    private readonly TimeSpan[] _moments;
    private readonly double[] _positions;
    private readonly double _tail;
    private readonly bool _areWholeMilliseconds;

    private TimeAxis(TimeSpan[] moments, bool hasTail, IReadOnlyDictionary<(TimeSpan, TimeSpan), double> rooms)
    {
        _moments = moments;
        _positions = new double[moments.Length];
        _areWholeMilliseconds = Array.TrueForAll(moments, moment => moment.Ticks % TimeSpan.TicksPerMillisecond == 0);
        _tail = hasTail ? Tail : 0;
        double scale = Scale(moments);
        for (int at = 1; at < moments.Length; at++)
        {
            double width = WidthOf(moments[at] - moments[at - 1], scale);
            _positions[at] = _positions[at - 1] + Math.Max(width, rooms.GetValueOrDefault((moments[at - 1], moments[at])));
        }
    }

    /// <summary>The moments at which something happens, and beginning and end.</summary>
    public IReadOnlyList<TimeSpan> Moments => _moments;

    /// <summary>The whole width.</summary>
    public double Width => _positions[^1] + _tail;

    /// <summary>The stretches that are cut, as the moments before and after.</summary>
    public IEnumerable<(TimeSpan From, TimeSpan To)> Cuts =>
        _moments.Zip(_moments.Skip(1)).Where(step => IsCut(step.Second - step.First));

    /// <summary>An axis for all that a picture shows.</summary>
    public static TimeAxis Of(Picture picture)
    {
        HashSet<TimeSpan> events =
        [
            .. picture.Devices
                .SelectMany(device => device.Lanes)
                .SelectMany(lane => lane.Intervals)
                .Select(interval => interval.Begin),
            .. picture.Devices.SelectMany(device => device.Marks).Select(mark => mark.Time),
        ];
        return new TimeAxis(
            [.. events.Append(picture.Begin).Append(picture.End).Distinct().Order()],
            hasTail: events.Contains(picture.End),
            RoomsFor(picture.Devices.SelectMany(static device => device.Lanes)));
    }

    /// <summary>How wide the values have to be that are to have words; one that lasts from one moment to the next gets its width.</summary>
    private static Dictionary<(TimeSpan Begin, TimeSpan End), double> RoomsFor(IEnumerable<Lane> lanes)
    {
        Dictionary<(TimeSpan, TimeSpan), double> rooms = [];
        foreach (Lane lane in lanes)
        {
            var shape = new LaneShape(lane);
            foreach (LaneInterval interval in lane.Intervals.Where(interval => !shape.IsSlope(interval)))
            {
                (TimeSpan, TimeSpan) step = (interval.Begin, interval.End);
                rooms[step] = Math.Max(rooms.GetValueOrDefault(step), SvgStyle.RoomFor(lane.TextOf(interval)));
            }
        }

        return rooms;
    }

    /// <summary>Where one of the moments is.</summary>
    public double At(TimeSpan moment) => _positions[Array.BinarySearch(_moments, moment)];

    /// <summary>Where an interval ends: one that lasts to the end of the picture goes on a little.</summary>
    public double EndOf(in LaneInterval interval) =>
        interval.End == _moments[^1] ? Width : At(interval.End);

    /// <summary>A moment or a stretch of time in words, exact to what all moments of the picture are exact to.</summary>
    public string TextOf(TimeSpan time) =>
        time.TotalSeconds.ToString(_areWholeMilliseconds ? "0.000 's'" : "0.000000 's'", CultureInfo.InvariantCulture);

    private static bool IsCut(TimeSpan step) => step > LongestShown;

    private static double WidthOf(TimeSpan step, double perMillisecond) =>
        IsCut(step) ? CutWidth : Math.Max(LeastStep, step.TotalMilliseconds * perMillisecond);

    /// <summary>How many pixels a millisecond gets, so that a picture has the usual width if that is possible.</summary>
    private static double Scale(TimeSpan[] moments)
    {
        TimeSpan[] steps = [.. moments.Zip(moments.Skip(1), (from, to) => to - from)];
        double shown = steps.Where(step => !IsCut(step)).Sum(step => step.TotalMilliseconds);
        double free = UsualWidth - (steps.Count(IsCut) * CutWidth);
        return shown > 0 ? Math.Clamp(free / shown, LeastPerMillisecond, MostPerMillisecond) : MostPerMillisecond;
    }
}
