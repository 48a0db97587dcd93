using System.Net;
using System.Text;

namespace VfioPm;

/// <summary>
/// A picture as a page of its own: what happened as JSON, and the scripts that draw it. They are the files of <c>Page</c>, put
/// together; nothing is loaded, and the page's own policy forbids it.
/// </summary>
internal static class HtmlPicture
{
    // In the order in which they know each other.
    private static readonly string[] Scripts = ["run.js", "axis.js", "drawing.js", "inspector.js", "page.js"];

    private static string Style { get; } =
        $$"""
        :root { {{Palette.Light}}}
        @media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { {{Palette.Dark}}} }
        :root[data-theme="dark"] { {{Palette.Dark}}}
        {{Read("page.css")}}
        """;

    public static string Write(Picture picture)
    {
        var page = new StringBuilder();
        string[] parts = Read("page.html").Split("{{", StringSplitOptions.None);
        page.Append(parts[0]);
        foreach (string part in parts.Skip(1))
        {
            int end = part.IndexOf("}}", StringComparison.Ordinal);
            page.Append(Fill(part[..end], picture)).Append(part.AsSpan(end + 2));
        }

        return page.ToString();
    }

    private static string Fill(string place, Picture picture) => place switch
    {
        "title" => WebUtility.HtmlEncode(picture.Title.Length > 0 ? picture.Title : "What happened"),
        "style" => Style,
        "data" => HtmlData.Write(picture),
        _ => string.Join('\n', Scripts.Select(Read)),
    };

    private static string Read(string name)
    {
        using Stream file = typeof(HtmlPicture).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(file, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
