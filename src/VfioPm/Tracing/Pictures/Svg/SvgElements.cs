using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace VfioPm;

/// <summary>The elements of SVG that the drawing needs (SVG 1.1). Lengths are pixels, written to a tenth.</summary>
internal static class SvgElements
{
    public static XNamespace Namespace { get; } = "http://www.w3.org/2000/svg";

    public static XElement Group(string look, params object?[] content) =>
        new(Namespace + "g", new XAttribute("class", look), content);

    public static XElement Rectangle(double left, double top, double width, double height, string look) => new(
        Namespace + "rect",
        new XAttribute("x", Number(left)),
        new XAttribute("y", Number(top)),
        new XAttribute("width", Number(width)),
        new XAttribute("height", Number(height)),
        new XAttribute("class", look));

    public static XElement Circle(double x, double y, double radius, string look) => new(
        Namespace + "circle",
        new XAttribute("cx", Number(x)),
        new XAttribute("cy", Number(y)),
        new XAttribute("r", Number(radius)),
        new XAttribute("class", look));

    public static XElement Line(double x, double top, double bottom, string look) => new(
        Namespace + "line",
        new XAttribute("x1", Number(x)),
        new XAttribute("y1", Number(top)),
        new XAttribute("x2", Number(x)),
        new XAttribute("y2", Number(bottom)),
        new XAttribute("class", look));

    /// <summary>A filled outline through the points.</summary>
    public static XElement Polygon(string look, params (double X, double Y)[] points) => new(
        Namespace + "polygon",
        new XAttribute("points", string.Join(' ', points.Select(point => $"{Number(point.X)},{Number(point.Y)}"))),
        new XAttribute("class", look));

    /// <summary>A line through the points.</summary>
    public static XElement Polyline(string look, IEnumerable<(double X, double Y)> points) => new(
        Namespace + "polyline",
        new XAttribute("points", string.Join(' ', points.Select(point => $"{Number(point.X)},{Number(point.Y)}"))),
        new XAttribute("class", look));

    public static XElement Text(double x, double baseline, string text, string look) => new(
        Namespace + "text",
        new XAttribute("x", Number(x)),
        new XAttribute("y", Number(baseline)),
        new XAttribute("class", look),
        Legal(text));

    /// <summary>What a browser shows under the pointer.</summary>
    public static XElement Tooltip(string text) => new(Namespace + "title", Legal(text));

    /// <summary>The text of a document: the same on every machine.</summary>
    public static string Serialize(XElement document)
    {
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings
        {
            Indent = true,
            NewLineChars = "\n",
            OmitXmlDeclaration = true,
        }))
        {
            document.WriteTo(writer);
        }

        return text.Append('\n').ToString();
    }

    public static string Number(double pixels) => Math.Round(pixels, 1).ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>Without the characters that XML cannot hold (XML 1.0, section 2.2).</summary>
    private static string Legal(string text)
    {
        char[] letters = text.ToCharArray();
        for (int at = 0; at < letters.Length; at++)
        {
            if (at + 1 < letters.Length && XmlConvert.IsXmlSurrogatePair(letters[at + 1], letters[at]))
            {
                at++;
            }
            else if (!XmlConvert.IsXmlChar(letters[at]))
            {
                letters[at] = '\ufffd';
            }
        }

        return new string(letters);
    }
}
