using System.Text;

namespace VfioPm.Cli;

/// <summary>What is told of something that cannot be used.</summary>
internal static class ErrorText
{
    private const int Longest = 1000;

    /// <summary>
    /// One line whatever it quotes: what a terminal takes for a command, and half of a character are written in
    /// hexadecimal, and of a megabyte there is the beginning.
    /// </summary>
    public static string Of(string message)
    {
        StringBuilder line = new();
        foreach (Rune rune in message.ReplaceLineEndings(" ").EnumerateRunes())
        {
            if (line.Length > Longest)
            {
                return line.Append('…').ToString();
            }

            if (Rune.IsControl(rune))
            {
                line.Append($"\\x{rune.Value:x2}");
            }
            else
            {
                line.Append(rune);
            }
        }

        return line.ToString();
    }
}
