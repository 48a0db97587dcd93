namespace VfioPm;

/// <summary>A word of a line.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Column">Where it begins; the first column is 1.</param>
internal sealed record Word(string Text, int Column)
{
    /// <summary>For an option, what stands before the sign: "argsz" of "argsz=16".</summary>
    public string? Key => Text.IndexOf('=', StringComparison.Ordinal) is > 0 and int sign ? Text[..sign] : null;

    /// <summary>What an option sets, as a word of its own.</summary>
    public Word Value => new(Text[(Key!.Length + 1)..], Column + Key.Length + 1);
}
