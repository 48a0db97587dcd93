namespace VfioPm.Tests;

/// <summary>Fenced blocks of documents, and where the same lines are in source code.</summary>
internal static class CodeBlocks
{
    private const string Fence = "```";

    /// <summary>The blocks in one of these languages, as lines.</summary>
    public static IEnumerable<string[]> In(string document, string[] languages)
    {
        string[] lines = document.Split('\n');
        for (int begin = 0; begin < lines.Length; begin++)
        {
            if (lines[begin].StartsWith(Fence, StringComparison.Ordinal))
            {
                int end = Array.IndexOf(lines, Fence, begin + 1);
                if (languages.Contains(lines[begin][Fence.Length..]))
                {
                    yield return lines[(begin + 1)..end];
                }

                begin = end;
            }
        }
    }

    /// <summary>Whether the source has the block's lines one after the other, all indented alike.</summary>
    public static bool Contains(string[] source, string[] block) =>
        Enumerable.Range(0, Math.Max(0, source.Length - block.Length + 1)).Any(at => IsAt(source, at, block));

    private static bool IsAt(string[] source, int at, string[] block)
    {
        int depth = source[at].Length - block[0].Length;
        if (depth < 0 || source[at][..depth].Trim().Length > 0)
        {
            return false;
        }

        string indent = source[at][..depth];
        return block.Index().All(line => source[at + line.Index] == (line.Item.Length == 0 ? "" : indent + line.Item));
    }
}
