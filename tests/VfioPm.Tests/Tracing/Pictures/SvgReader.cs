using System.Globalization;
using System.Xml.Linq;

namespace VfioPm.Tests;

/// <summary>What is where in a drawing.</summary>
internal sealed class SvgReader
{
    private readonly XElement _root;

    public SvgReader(string text) => _root = XDocument.Parse(text).Root!;

    public double Width => Number(_root, "width");

    public double Height => Number(_root, "height");

    public string Css => Elements("style").Single().Value;

    /// <summary>The texts, with the room that they take.</summary>
    public IReadOnlyList<TextBox> Texts => [.. Elements("text").Select(BoxOf)];

    /// <summary>What is shown under the pointer, of marks and values.</summary>
    public IEnumerable<string> Tooltips => Elements("title").Skip(1).Select(title => title.Value);

    public IEnumerable<string> ElementNames => _root.DescendantsAndSelf().Select(element => element.Name.LocalName).Distinct();

    /// <summary>The bars of a state, as where they are and how big.</summary>
    public IEnumerable<(double Left, double Top, double Width, double Height)> Bars(string look) => _root.Descendants()
        .Where(element => element.Name.LocalName == "rect" && (string?)element.Attribute("class") == look)
        .Select(bar => (Number(bar, "x"), Number(bar, "y"), Number(bar, "width"), Number(bar, "height")));

    private IEnumerable<XElement> Elements(string name) =>
        _root.Descendants().Where(element => element.Name.LocalName == name);

    private static TextBox BoxOf(XElement text)
    {
        string look = (string)text.Attribute("class")!;
        double scale = look switch
        {
            "title" => SvgStyle.TitleScale,
            "device" => SvgStyle.NameScale,
            _ => 1,
        };
        double width = SvgStyle.WidthOf(text.Value) * scale;
        double left = Number(text, "x")
            - (look.EndsWith("middle", StringComparison.Ordinal) ? width / 2 : look.EndsWith("right", StringComparison.Ordinal) ? width : 0);
        return new TextBox(text.Value, left, left + width, Number(text, "y"));
    }

    private static double Number(XElement element, string name) =>
        double.Parse((string)element.Attribute(name)!, CultureInfo.InvariantCulture);
}

/// <summary>Where a text is: letters reach from some nine pixels above the baseline to three below.</summary>
internal sealed record TextBox(string Text, double Left, double Right, double Baseline)
{
    public bool Meets(TextBox other) =>
        Left < other.Right && other.Left < Right && Math.Abs(Baseline - other.Baseline) < 10;
}
