using System.Xml.Linq;

namespace VfioPm;

/// <summary>
/// Draws a lane in its <see cref="LaneShape"/>.
/// </summary>
internal sealed class SvgLane
{
    public const double Height = 20;
    private const double TextGap = 3;
    private const double TextDistance = 400;
    private const double SlopePerText = 3;

    private readonly Lane _lane;
    private readonly string _device;
    private readonly TimeAxis _axis;
    private readonly DeviceAliases _aliases;
    private readonly double _left;
    private readonly double _floor;
    private readonly LaneShape _shape;

    /// <param name="lane">What to draw.</param>
    /// <param name="device">Whose it is.</param>
    /// <param name="axis">Where each moment is.</param>
    /// <param name="aliases">What devices are called in causes.</param>
    /// <param name="left">Where the axis begins.</param>
    /// <param name="top">Where the lane begins.</param>
    public SvgLane(Lane lane, string device, TimeAxis axis, DeviceAliases aliases, double left, double top)
    {
        _lane = lane;
        _device = device;
        _axis = axis;
        _aliases = aliases;
        _left = left;
        _floor = top + Height;
        _shape = new LaneShape(lane);
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
        if (_shape.IsSlope(interval))
        {
            // On its low side there is room for words, if it is long.
            double width = SvgStyle.WidthOf(text) + SvgStyle.BarPadding;
            double x = (RuntimeStatus)interval.Value == RuntimeStatus.Resuming ? begin + SvgStyle.BarPadding : end - width;
            if (end - begin >= SlopePerText * width)
            {
                layers.Labels.Add(SvgElements.Text(x, _floor - 8, text, "over"));
            }

            return;
        }

        double height = _shape.LevelOf(interval) * Height;
        bool fits = height > Height / 2;
        double baseline = _floor - (fits ? (height / 2) - 4 : height + TextGap);
        double from = begin;
        foreach (double at in _axis.Cuts.Select(cut => _left + _axis.At(cut.To)).Prepend(begin))
        {
            if (at >= from && at + SvgStyle.RoomFor(text) <= end)
            {
                layers.Labels.Add(SvgElements.Text(at + SvgStyle.BarPadding, baseline, text, fits ? "on-bar" : "over"));
                from = at + TextDistance;
            }
        }
    }

    private XElement? Bar(in LaneInterval interval, double begin, double end)
    {
        double height = _shape.LevelOf(interval) * Height;
        if (!_shape.IsSlope(interval))
        {
            return height > 0
                ? SvgElements.Rectangle(begin, _floor - height, end - begin, height, _shape.LookOf(interval))
                : null;
        }

        bool rises = (RuntimeStatus)interval.Value == RuntimeStatus.Resuming;
        (double from, double to) = rises ? (LaneShape.Asleep * Height, Height) : (Height, LaneShape.Asleep * Height);
        return SvgElements.Polygon(
            _shape.LookOf(interval), (begin, _floor), (begin, _floor - from), (end, _floor - to), (end, _floor));
    }

    private string Explain(in LaneInterval interval, string text)
    {
        string why = interval.Cause is { } cause ? $"\n{_aliases.In(cause.ToString())}" : "";
        return $"{_device}, {_lane.Title}: {(text.Length > 0 ? text : "nobody reads")}\n"
            + $"{_axis.TextOf(interval.Begin)} to {_axis.TextOf(interval.End)}, {_axis.TextOf(interval.End - interval.Begin)} in all{why}";
    }
}
