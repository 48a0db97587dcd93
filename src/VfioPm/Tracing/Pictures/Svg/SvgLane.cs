using System.Xml.Linq;

namespace VfioPm;

/// <summary>
/// Draws a lane. The deeper the sleep the lower the bar, a status that changes is a slope, and a count a stair; so the
/// picture can be read without its colours.
/// </summary>
internal sealed class SvgLane
{
    public const double Height = 20;
    private const double Padding = 5;
    private const double Asleep = 3;
    private const double TextDistance = 400;
    private const double SlopePerText = 3;

    private readonly Lane _lane;
    private readonly string _device;
    private readonly TimeAxis _axis;
    private readonly double _left;
    private readonly double _floor;
    private readonly int _highestCount;

    /// <param name="lane">What to draw.</param>
    /// <param name="device">Whose it is.</param>
    /// <param name="axis">Where each moment is.</param>
    /// <param name="left">Where the axis begins.</param>
    /// <param name="top">Where the lane begins.</param>
    public SvgLane(Lane lane, string device, TimeAxis axis, double left, double top)
    {
        _lane = lane;
        _device = device;
        _axis = axis;
        _left = left;
        _floor = top + Height;
        _highestCount = lane.Kind == TraceKind.UsageCount ? Math.Max(3, lane.Intervals.Max(interval => interval.Value)) : 0;
    }

    public void Draw(SvgLayers layers)
    {
        layers.Labels.Add(SvgElements.Text(_left - 14, _floor - 6, _lane.Title, "pale right"));
        foreach (LaneInterval interval in _lane.Intervals)
        {
            string text = _lane.TextOf(interval);
            double begin = _left + _axis.At(interval.Begin);
            double end = _left + _axis.EndOf(interval);
            layers.Bars.Add(SvgElements.Group(
                "value",
                SvgElements.Tooltip(Explain(interval, text)),
                SvgElements.Rectangle(begin, _floor - Height, end - begin, Height, "hit"),
                Bar(interval, begin, end)));
            DrawText(layers, interval, text, begin, end);
        }
    }

    /// <summary>Writes the value at its beginning, and in a long bar again after some of the cuts.</summary>
    private void DrawText(SvgLayers layers, LaneInterval interval, string text, double begin, double end)
    {
        if (IsSlope(interval))
        {
            // On its low side there is room for words, if it is long.
            double width = SvgStyle.WidthOf(text) + Padding;
            double x = (RuntimeStatus)interval.Value == RuntimeStatus.Resuming ? begin + Padding : end - width;
            if (end - begin >= SlopePerText * width)
            {
                layers.Labels.Add(SvgElements.Text(x, _floor - 8, text, "over"));
            }

            return;
        }

        double height = HeightOf(interval);
        bool fits = height > Height / 2;
        double baseline = _floor - (fits ? (height / 2) - 4 : 8);
        double from = begin;
        foreach (double at in _axis.Cuts.Select(cut => _left + _axis.At(cut.To)).Prepend(begin))
        {
            if (at >= from && at + SvgStyle.WidthOf(text) + (2 * Padding) <= end)
            {
                layers.Labels.Add(SvgElements.Text(at + Padding, baseline, text, fits ? "on-bar" : "over"));
                from = at + TextDistance;
            }
        }
    }

    private XElement? Bar(in LaneInterval interval, double begin, double end)
    {
        double height = HeightOf(interval);
        if (!IsSlope(interval))
        {
            return height > 0
                ? SvgElements.Rectangle(begin, _floor - height, end - begin, height, SvgStyle.LookOf(_lane, interval))
                : null;
        }

        bool rises = (RuntimeStatus)interval.Value == RuntimeStatus.Resuming;
        (double from, double to) = rises ? (Asleep, Height) : (Height, Asleep);
        return SvgElements.Polygon(
            SvgStyle.LookOf(_lane, interval), (begin, _floor), (begin, _floor - from), (end, _floor - to), (end, _floor));
    }

    private bool IsSlope(in LaneInterval interval) =>
        _lane.Kind == TraceKind.RuntimeStatus
        && (RuntimeStatus)interval.Value is RuntimeStatus.Suspending or RuntimeStatus.Resuming;

    private double HeightOf(in LaneInterval interval) => _lane.Kind switch
    {
        TraceKind.UsageCount => Height * Math.Max(0, interval.Value) / _highestCount,
        TraceKind.RuntimeStatus => (RuntimeStatus)interval.Value == RuntimeStatus.Active ? Height : Asleep,
        TraceKind.GuestState when interval.Value == (int)PowerState.Unknown => 0,
        _ => (PowerState)interval.Value switch
        {
            PowerState.D0 or PowerState.Unknown => Height,
            PowerState.D1 => 16,
            PowerState.D2 => 12,
            PowerState.D3Hot => 7,
            _ => 2,
        },
    };

    private string Explain(in LaneInterval interval, string text)
    {
        string why = interval.Cause is { } cause ? $"\n{cause}" : "";
        return $"{_device}, {_lane.Title}: {(text.Length > 0 ? text : "nobody reads")}\n"
            + $"{_axis.TextOf(interval.Begin)} to {_axis.TextOf(interval.End)}, {_axis.TextOf(interval.End - interval.Begin)} in all{why}";
    }
}
