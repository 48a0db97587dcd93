using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace VfioPm.ApiReference;

/// <summary>A comment's text as Markdown.</summary>
/// <param name="link">What to write for a declaration's documentation ID.</param>
internal sealed partial class DocText(Func<string, string> link)
{
    public string Of(XElement comment) => string.Join("\n\n", Inner(comment)
        .Split("\n\n")
        .Select(paragraph => paragraph.Trim(' '))
        .Where(paragraph => paragraph.Length > 0));

    private string Inner(XElement element) => string.Concat(element.Nodes().Select(node => node switch
    {
        XText text => Escape(text.Value),
        XElement inner => Markdown(inner),
        _ => "",
    }));

    private string Markdown(XElement element) => element.Name.LocalName switch
    {
        "c" => $"`{element.Value}`",
        "see" when element.Attribute("cref") is { } target => link(target.Value),
        "see" => $"`{element.Attribute("langword")?.Value}`",
        "paramref" or "typeparamref" => $"`{element.Attribute("name")?.Value}`",
        "para" => $"\n\n{Inner(element)}\n\n",
        "list" => $"\n\n{Inner(element)}\n\n",
        "item" => $"\n- {Inner(element).Trim()}",
        "description" or "term" => Inner(element),
        _ => throw new NotSupportedException($"<{element.Name}> in a comment."),
    };

    /// <summary>The lines of the source are not lines of the text.</summary>
    private static string Escape(string text) => Special().Replace(Spaces().Replace(text, " "), @"\$0");

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"[*<>|`\[\]]")]
    private static partial Regex Special();
}
