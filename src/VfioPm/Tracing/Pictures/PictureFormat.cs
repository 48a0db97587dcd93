namespace VfioPm;

/// <summary>In what form a <see cref="Picture"/> is shown, and by which program.</summary>
public sealed class PictureFormat
{
    private PictureFormat(string name, string extension, Func<Picture, string> write)
    {
        Name = name;
        Extension = extension;
        Write = write;
    }

    /// <summary>Lines for people: the timeline, and how long each value lasted.</summary>
    public static PictureFormat Text { get; } = new("text", ".txt", TextPicture.Write);

    /// <summary>
    /// Scalable Vector Graphics, for a browser: self-contained, without scripts, light or dark as the reader has it, with
    /// times and causes under the pointer.
    /// </summary>
    public static PictureFormat Svg { get; } = new("svg", ".svg", SvgPicture.Write);

    /// <summary>
    /// A page for a browser, self-contained and without a network: lanes that zoom and pan, and at any moment what had happened, how
    /// each device was and, where the trace kept the reasons (<c>HostTrace.KeepReasons()</c>), why.
    /// </summary>
    public static PictureFormat Html { get; } = new("html", ".html", HtmlPicture.Write);

    /// <summary>The Trace Event Format in JSON, for <c>ui.perfetto.dev</c> and <c>chrome://tracing</c>.</summary>
    public static PictureFormat Perfetto { get; } = new("perfetto", ".json", PerfettoPicture.Write);

    /// <summary>A Value Change Dump (IEEE 1364-2005, clause 18), for waveform viewers such as GTKWave.</summary>
    public static PictureFormat Vcd { get; } = new("vcd", ".vcd", VcdPicture.Write);

    /// <summary>All formats.</summary>
    public static IReadOnlyList<PictureFormat> All { get; } = [Text, Html, Svg, Perfetto, Vcd];

    /// <summary>The name on the command line: "svg".</summary>
    public string Name { get; }

    /// <summary>How its files' names end: ".svg".</summary>
    public string Extension { get; }

    internal Func<Picture, string> Write { get; }

    /// <summary>The format that the extension of a file's name tells, or null.</summary>
    public static PictureFormat? OfFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string extension = Path.GetExtension(path);
        return All.FirstOrDefault(format => format.Extension.Equals(extension, StringComparison.OrdinalIgnoreCase));
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
