using System.Xml.Linq;

namespace VfioPm;

/// <summary>
/// A picture as SVG: the axis, and below it a panel for each device with what was done to it and its lanes.
/// </summary>
internal sealed class SvgPicture
{
    private const double Margin = 24;
    private const double Padding = 14;
    private const double TitleHeight = 36;
    private const double NameHeight = 44;
    private const double LaneDistance = 27;
    private const double PanelDistance = 14;
    private const double Corner = 6;
    private const double LeastNameWidth = 90;
    private const double MostNameWidth = 220;

    private readonly Picture _picture;
    private readonly TimeAxis _axis;
    private readonly SvgMarks[] _marks;
    private readonly SvgLayers _layers = new();
    private readonly double _left;
    private readonly double _right;
    private readonly SvgTimeScale _scale;

    private SvgPicture(Picture picture)
    {
        _picture = picture;
        _axis = TimeAxis.Of(picture);
        _marks = [.. picture.Devices.Select(device => new SvgMarks(device, _axis, picture.Aliases))];
        double nameWidth = picture.Devices.Select(WidthOfName).DefaultIfEmpty().Max();
        _left = Margin + Padding + Math.Clamp(nameWidth, LeastNameWidth, MostNameWidth) + Padding;
        _scale = new SvgTimeScale(_axis, _left);
        double drawn = _left + _marks.Select(marks => marks.Right).Append(_scale.Width).Max() + Padding;
        _right = Math.Max(drawn, Margin + (SvgStyle.WidthOf(picture.Title) * SvgStyle.TitleScale));
    }

    public static string Write(Picture picture) => new SvgPicture(picture).Draw();

    private string Draw()
    {
        double top = Margin;
        if (_picture.Title.Length > 0)
        {
            _layers.Labels.Add(SvgElements.Text(Margin, top + 14, _picture.Title, "title"));
            top += TitleHeight;
        }

        double axisTop = top;
        top += SvgTimeScale.Height;
        foreach ((DeviceLanes device, SvgMarks marks) in _picture.Devices.Zip(_marks))
        {
            top = DrawDevice(device, marks, top) + PanelDistance;
        }

        _scale.Draw(_layers, Margin + Padding, axisTop, top - PanelDistance);
        var legend = new SvgLegend(
            [.. _picture.Devices.SelectMany(static device => device.Lanes)],
            hasMarks: _picture.Devices.Any(static device => device.Marks.Count > 0),
            _right - Margin - (2 * Padding));
        legend.Draw(_layers, Margin + Padding, top);
        return Document(_right + Margin, top + legend.Height + (legend.Height > 0 ? Margin / 2 : Margin - PanelDistance));
    }

    private double DrawDevice(DeviceLanes device, SvgMarks marks, double top)
    {
        double marksTop = top + Padding - 4;
        double lanesTop = Math.Max(marksTop + marks.Height + 6, top + NameHeight);
        double bottom = lanesTop + (device.Lanes.Count * LaneDistance) + Padding - (LaneDistance - SvgLane.Height);
        XElement panel = SvgElements.Rectangle(Margin, top, _right - Margin, bottom - top, "panel");
        panel.SetAttributeValue("rx", SvgElements.Number(Corner));
        _layers.Panels.Add(panel);
        DrawName(device, top);
        marks.Draw(_layers, _left, marksTop, bottom);
        _scale.DrawCuts(_layers, lanesTop - 4, bottom - Padding + 4);
        double laneTop = lanesTop;
        foreach (Lane lane in device.Lanes)
        {
            new SvgLane(lane, device.Title, _axis, _picture.Aliases, _left, laneTop).Draw(_layers);
            laneTop += LaneDistance;
        }

        return bottom;
    }

    private void DrawName(DeviceLanes device, double top)
    {
        double room = _left - Margin - (2 * Padding);
        _layers.Labels.Add(SvgElements.Text(
            Margin + Padding, top + 22, SvgStyle.Shorten(device.Title, room / SvgStyle.NameScale), "device"));
        if (ParentLine(device) is { } line)
        {
            _layers.Labels.Add(SvgElements.Text(Margin + Padding, top + 37, SvgStyle.Shorten(line, room), "pale"));
        }
    }

    private string Document(double width, double height)
    {
        XElement svg = new(
            SvgElements.Namespace + "svg",
            new XAttribute("class", "picture"),
            new XAttribute("width", SvgElements.Number(width)),
            new XAttribute("height", SvgElements.Number(height)),
            new XAttribute("viewBox", $"0 0 {SvgElements.Number(width)} {SvgElements.Number(height)}"),
            SvgElements.Tooltip(_picture.Title),
            new XElement(SvgElements.Namespace + "style", SvgStyle.Css),
            SvgElements.Rectangle(0, 0, width, height, "page"),
            _layers.All);
        return SvgElements.Serialize(svg);
    }

    private double WidthOfName(DeviceLanes device) => Math.Max(
        SvgStyle.WidthOf(device.Title) * SvgStyle.NameScale, SvgStyle.WidthOf(ParentLine(device) ?? ""));

    private string? ParentLine(DeviceLanes device) => device.Parent is { } parent ? $"below {_picture.Aliases.TitleOf(parent)}" : null;
}
