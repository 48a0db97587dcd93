using System.Globalization;

namespace VfioPm;

/// <summary>
/// One part of an exploration that several processes share: each looks beyond every so-many-th of the states that a few
/// choices lead to. Their reports are put together by <see cref="ExplorationReport.Merge"/>.
/// </summary>
/// <param name="Index">Which part: 0 and up.</param>
/// <param name="Count">How many parts there are.</param>
public readonly record struct Shard(int Index, int Count)
{
    /// <summary>All of it.</summary>
    public static Shard Whole => new(0, 1);

    /// <summary>Whether it is less than all.</summary>
    internal bool IsPart => Count > 1;

    /// <summary>The shard that is written "3/16".</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Shard Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && index < count
            ? new Shard(index, count)
            : throw new FormatException($"A shard is written \"i/n\", with i from 0 to n - 1; this is \"{text}\".");
    }

    /// <summary>"3/16".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");
}
