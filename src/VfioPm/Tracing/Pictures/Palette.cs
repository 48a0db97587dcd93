namespace VfioPm;

/// <summary>
/// The colours of pictures, in light and dark. Those of states are Okabe and Ito's, which people with any colour vision tell apart.
/// </summary>
internal static class Palette
{
    // What a colour is in light, and in dark where that is another.
    private static readonly (string Name, string Light, string? Dark)[] Colours =
    [
        ("page", "#ffffff", "#0d1117"), ("panel", "#f6f8fa", "#161b22"), ("edge", "#d8dee4", "#30363d"),
        ("ink", "#1f2328", "#e6edf3"), ("pale", "#59636e", "#9198a1"), ("on-bar", "#1f2328", null),
        ("d0", "#e69f00", null), ("d1", "#f0e442", null), ("d2", "#b9c26b", null), ("d3hot", "#56b4e9", null),
        ("d3cold", "#0072b2", "#3d9be0"), ("unknown", "#b6bec7", "#8b949e"),
        ("active", "#009e73", "#1fae85"), ("turning", "#cc79a7", null), ("count", "#8c96a1", "#8b949e"), ("mark", "#d55e00", "#ff8c42"),
    ];

    /// <summary>The colours in light, as variables of a style sheet.</summary>
    public static string Light => Variables(static colour => colour.Light);

    /// <summary>Those that are others in dark.</summary>
    public static string Dark => Variables(static colour => colour.Dark);

    public static string LightOf(string name) => Array.Find(Colours, colour => colour.Name == name).Light;

    /// <summary>The colour in dark, or null where it is the same.</summary>
    public static string? DarkOf(string name) => Array.Find(Colours, colour => colour.Name == name).Dark;

    private static string Variables(Func<(string Name, string Light, string? Dark), string?> choose) => string.Concat(
        Colours.Where(colour => choose(colour) is not null).Select(colour => $"--{colour.Name}: {choose(colour)}; "));
}
