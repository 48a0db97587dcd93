namespace VfioPm.Tests;

/// <summary>What is printed, as a page shows it.</summary>
internal static class PageText
{
    /// <summary>The last line of a block that shows only the beginning.</summary>
    private const string More = "…";

    public static bool Shows(string shown, string printed) =>
        Trim(shown) is var text && text.EndsWith($"\n{More}", StringComparison.Ordinal)
            ? Trim(printed).StartsWith(text[..^More.Length], StringComparison.Ordinal)
            : text == Trim(printed);

    /// <summary>Without the spaces at the ends of lines, which documents do not have.</summary>
    public static string Trim(string text) =>
        string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).TrimEnd();
}
