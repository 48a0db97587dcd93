namespace VfioPm.Tests;

/// <summary>A document: its name, where it is, and its blocks in order.</summary>
internal sealed class MarkdownPage
{
    private const string Fence = "```";
    private const string Comment = "<!-- csharp";

    private readonly string[] _lines;

    public MarkdownPage(string name, string text)
    {
        Name = name;
        _lines = text.ReplaceLineEndings("\n").Split('\n');
        Blocks = [.. ReadBlocks()];
    }

    /// <summary>The path from the repository's root.</summary>
    public string Name { get; }

    public string FullPath => Path.Combine(SourceFiles.Root, Name);

    public IReadOnlyList<MarkdownBlock> Blocks { get; }

    public static MarkdownPage Read(string name) => new(name, SourceFiles.Read(name));

    private IEnumerable<MarkdownBlock> ReadBlocks()
    {
        string heading = Name;
        for (int at = 0; at < _lines.Length; at++)
        {
            string line = _lines[at].TrimStart();
            if (line.StartsWith('#'))
            {
                heading = line.TrimStart('#', ' ');
            }
            else if (line.StartsWith(Fence, StringComparison.Ordinal))
            {
                yield return ReadBlock(ref at, heading, line[Fence.Length..], Fence);
            }
            else if (line.StartsWith(Comment, StringComparison.Ordinal))
            {
                yield return ReadBlock(ref at, heading, line["<!-- ".Length..], "-->");
            }
        }
    }

    private MarkdownBlock ReadBlock(ref int at, string heading, string info, string end)
    {
        int first = at + 1;
        int indent = _lines[at].Length - _lines[at].TrimStart().Length;
        do
        {
            at++;
            if (at == _lines.Length)
            {
                throw new FormatException($"{Name}:{first}: the block does not end.");
            }
        }
        while (_lines[at].Trim() != end);

        IEnumerable<string> text = _lines[first..at].Select(line => line[Math.Min(indent, line.Length)..]);
        return new MarkdownBlock(first + 1, heading, info.Trim(), string.Join('\n', text));
    }
}
