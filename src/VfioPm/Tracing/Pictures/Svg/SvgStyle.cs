using System.Text.RegularExpressions;

namespace VfioPm;

/// <summary>
/// How a drawing looks, in light and dark (<see cref="Palette"/>).
/// </summary>
internal static partial class SvgStyle
{
    private const double FontSize = 11;

    // Bold letters are wider.
    private const double Bold = 1.1;

    /// <summary>How far from a bar's ends its value is written.</summary>
    public const double BarPadding = 5;

    /// <summary>How much wider the name of a device is than other text.</summary>
    public const double NameScale = 13 / FontSize * Bold;

    /// <summary>How much wider the title is.</summary>
    public const double TitleScale = 16 / FontSize * Bold;

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
        .hit { fill: none; pointer-events: all; }
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
    /// The style sheet: what it looks like in light, and for a reader who has it dark the colours that are others then. Colours are
    /// said as they are: few programs but browsers know variables.
    /// </summary>
    public static string Css { get; } =
        $"\n{Colour().Replace(Rules, static match => Palette.LightOf(match.Groups["name"].Value))}"
        + $"@media (prefers-color-scheme: dark) {{\n{string.Concat(Rule().Matches(Rules).Select(InDark))}}}\n";

    /// <summary>How wide a text is at most in any of the fonts, in pixels: nothing may overlap where they differ.</summary>
    public static double WidthOf(string text) => text.Sum(WidthOf) * FontSize;

    /// <summary>How wide a bar is that can have its value written on it.</summary>
    public static double RoomFor(string text) => WidthOf(text) + (2 * BarPadding);

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

    /// <summary>Of a rule what is another in dark; nothing where nothing is.</summary>
    private static string InDark(Match rule)
    {
        string declarations = string.Concat(rule.Groups["declaration"].Captures
            .Where(static declaration => Colour().Match(declaration.Value) is { Success: true } colour
                && Palette.DarkOf(colour.Groups["name"].Value) is not null)
            .Select(static declaration => Colour().Replace(declaration.Value, static match => Palette.DarkOf(match.Groups["name"].Value)!)));
        return declarations.Length > 0 ? $"{rule.Groups["who"].Value} {{{declarations} }}\n" : "";
    }

    [GeneratedRegex(@"var\(--(?<name>[\w-]+)\)")]
    private static partial Regex Colour();

    [GeneratedRegex(@"(?<who>[\w.-]+) \{(?<declaration>[^;}]+;)* \}")]
    private static partial Regex Rule();
}
