using System.Text.RegularExpressions;

namespace VfioPm;

/// <summary>
/// How pictures look, in light and dark. The colours of states are Okabe and Ito's, which people with any colour vision
/// tell apart; and each state has a height of its own.
/// </summary>
internal static partial class SvgStyle
{
    private const double FontSize = 11;

    // Bold letters are wider.
    private const double Bold = 1.1;

    /// <summary>How much wider the name of a device is than other text.</summary>
    public const double NameScale = 13 / FontSize * Bold;

    /// <summary>How much wider the title is.</summary>
    public const double TitleScale = 16 / FontSize * Bold;

    // What a colour is in light, and in dark where that is another.
    private static readonly (string Name, string Light, string? Dark)[] Palette =
    [
        ("page", "#ffffff", "#0d1117"), ("panel", "#f6f8fa", "#161b22"), ("edge", "#d8dee4", "#30363d"),
        ("ink", "#1f2328", "#e6edf3"), ("pale", "#59636e", "#9198a1"), ("on-bar", "#1f2328", null),
        ("d0", "#e69f00", null), ("d1", "#f0e442", null), ("d2", "#b9c26b", null), ("d3hot", "#56b4e9", null),
        ("d3cold", "#0072b2", "#3d9be0"), ("unknown", "#b6bec7", "#8b949e"),
        ("active", "#009e73", "#1fae85"), ("turning", "#cc79a7", null), ("count", "#8c96a1", "#8b949e"), ("mark", "#d55e00", "#ff8c42"),
    ];

    private const string Rules =
        """
        .picture { background: var(--page); font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
        text { font-size: 11px; fill: var(--ink); pointer-events: none; }
        .title { font-size: 16px; font-weight: 600; }
        .device { font-size: 13px; font-weight: 600; }
        .pale { fill: var(--pale); }
        .right { text-anchor: end; }
        .middle { text-anchor: middle; }
        .page { fill: var(--page); }
        .panel { fill: var(--panel); stroke: var(--edge); }
        .grid { stroke: var(--edge); }
        .floor { stroke: var(--edge); stroke-dasharray: 1 3; }
        .hit { fill: transparent; }
        .over { stroke: var(--panel); stroke-width: 3px; stroke-linejoin: round; paint-order: stroke; }
        .on-bar { fill: var(--on-bar); }
        .d0 { fill: var(--d0); } .d1 { fill: var(--d1); } .d2 { fill: var(--d2); }
        .d3hot { fill: var(--d3hot); } .d3cold { fill: var(--d3cold); } .unknown { fill: var(--unknown); }
        .active { fill: var(--active); } .suspended { fill: var(--active); }
        .suspending { fill: var(--turning); } .resuming { fill: var(--turning); }
        .count { fill: var(--count); }
        .tear { fill: var(--panel); pointer-events: none; }
        .tear-edge { fill: none; stroke: var(--pale); stroke-width: 0.8; pointer-events: none; }
        .mark { fill: var(--mark); }
        .key { pointer-events: none; }
        .thread { stroke: var(--mark); stroke-width: 0.8; stroke-dasharray: 2 2; opacity: 0.6; pointer-events: none; }

        """;

    /// <summary>
    /// The style sheet. Each colour is said twice, as it is and as a variable: what knows no variables (librsvg) takes the first.
    /// </summary>
    public static string Css { get; } =
        $"\n.picture {{ {Variables(colour => colour.Light)}}}\n"
        + $"@media (prefers-color-scheme: dark) {{ .picture {{ {Variables(colour => colour.Dark)}}} }}\n"
        + $"{Variable().Replace(Rules, match => $"{match.Groups[1]}: {LightOf(match.Groups[2].Value)}; {match.Value}")}\n";

    /// <summary>The class of a value's bar, which has its colour.</summary>
    public static string LookOf(Lane lane, in LaneInterval interval) => lane.Kind switch
    {
        TraceKind.UsageCount => "count",
        TraceKind.RuntimeStatus => lane.TextOf(interval),
        _ => lane.TextOf(interval).ToLowerInvariant(),
    };

    /// <summary>How wide a text is at most in any of the fonts, in pixels: nothing may overlap where they differ.</summary>
    public static double WidthOf(string text) => text.Sum(WidthOf) * FontSize;

    /// <summary>The text, or as much of its beginning as fits.</summary>
    public static string Shorten(string text, double width)
    {
        if (WidthOf(text) <= width)
        {
            return text;
        }

        int length = text.Length - 1;
        while (length > 0 && WidthOf(text[..length] + "…") > width)
        {
            length--;
        }

        return text[..length] + "…";
    }

    // By the widest of the usual fonts, DejaVu Sans.
    private static double WidthOf(char letter) => letter switch
    {
        'i' or 'j' or 'l' or '.' or ',' or ':' or ' ' or '\'' or '|' or 'I' or 'f' or 't' or 'r' => 0.41,
        'm' or 'w' or 'M' or 'W' or '…' => 1,
        >= 'A' and <= 'Z' => 0.76,
        < '\u0100' => 0.64,
        _ => 1,
    };

    private static string LightOf(string name) => Array.Find(Palette, colour => colour.Name == name).Light;

    private static string Variables(Func<(string Name, string Light, string? Dark), string?> choose) => string.Concat(
        Palette.Where(colour => choose(colour) is not null).Select(colour => $"--{colour.Name}: {choose(colour)}; "));

    [GeneratedRegex(@"([\w-]+): var\(--([\w-]+)\)")]
    private static partial Regex Variable();
}
