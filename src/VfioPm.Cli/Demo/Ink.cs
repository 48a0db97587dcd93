using System.Text;
using System.Text.RegularExpressions;

namespace VfioPm.Cli;

/// <summary>
/// Writes lines to a terminal with power states in colour: the deeper the sleep, the colder. What is no terminal gets plain text,
/// and so does who sets <c>NO_COLOR</c> (https://no-color.org).
/// </summary>
internal sealed partial class Ink(TextWriter terminal) : TextWriter
{
    private const string Escape = "\e[";
    private const string Plain = $"{Escape}0m";

    public override Encoding Encoding => terminal.Encoding;

    /// <summary>The writer itself, or ink on it.</summary>
    public static TextWriter Of(TextWriter output) =>
        output == Console.Out && !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb")
            ? new Ink(output)
            : output;

    public override void Write(char value) => terminal.Write(value);

    public override void Write(string? value) => terminal.Write(Paint(value ?? ""));

    public override void WriteLine(string? value) => terminal.WriteLine(Paint(value ?? ""));

    /// <summary>The text with its states in colour.</summary>
    internal static string Paint(string text) => State().Replace(text, static match => $"{ColourOf(match.Value)}{match.Value}{Plain}");

    private static string ColourOf(string state) => state switch
    {
        "D0" => $"{Escape}33m",
        "D3hot" => $"{Escape}36m",
        "D3cold" => $"{Escape}34m",
        _ => $"{Escape}32m",
    };

    [GeneratedRegex(@"\bD(0|1|2|3hot|3cold)\b")]
    private static partial Regex State();
}
