using System.Xml.Linq;

namespace VfioPm;

/// <summary>What is drawn, from back to front: what is cut out of time fades the bars, but not the text on them.</summary>
internal sealed class SvgLayers
{
    /// <summary>What the devices are drawn on.</summary>
    public List<XElement> Panels { get; } = [];

    /// <summary>The lines at moments.</summary>
    public List<XElement> Moments { get; } = [];

    /// <summary>The values of the lanes.</summary>
    public List<XElement> Bars { get; } = [];

    /// <summary>What hides a part of the bars.</summary>
    public List<XElement> Cuts { get; } = [];

    /// <summary>Text, and marks.</summary>
    public List<XElement> Labels { get; } = [];

    /// <summary>All, in the order of drawing.</summary>
    public IEnumerable<XElement> All =>
    [
        SvgElements.Group("panels", Panels),
        SvgElements.Group("moments", Moments),
        SvgElements.Group("bars", Bars),
        SvgElements.Group("cuts", Cuts),
        SvgElements.Group("labels", Labels),
    ];
}
