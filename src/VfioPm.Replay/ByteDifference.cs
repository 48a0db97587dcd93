using System.Buffers;

namespace VfioPm;

/// <summary>Many bytes, told in few: what the model read otherwise of a whole configuration space, say.</summary>
internal static class ByteDifference
{
    // So many are told whole.
    private const int Few = 32;

    private const int Around = 4;
    private const int MostRuns = 8;

    // Bytes as recordings have them; those that the model cannot know are in no recording.
    private static readonly SearchValues<char> Digits = SearchValues.Create($"0123456789abcdef{UnknownBytes.Placeholder[0]}");

    /// <summary>Where two texts of many bytes differ, how many of these do, and the first of them with those around.</summary>
    /// <param name="recorded">What the kernel said, as JSON.</param>
    /// <param name="played">What the model said.</param>
    /// <returns>Null for what is something else.</returns>
    public static string? Between(string recorded, string played)
    {
        if (!AreMany(recorded) || !AreMany(played) || recorded.Length != played.Length)
        {
            return null;
        }

        string[] was = BytesOf(recorded);
        string[] had = BytesOf(played);
        List<Range> runs = [];
        int different = 0;
        for (int at = 0; at < was.Length; at++)
        {
            if (was[at] != had[at] && had[at] != UnknownBytes.Placeholder)
            {
                different++;
                if (runs.Count > 0 && runs[^1].End.Value == at)
                {
                    runs[^1] = runs[^1].Start..(at + 1);
                }
                else
                {
                    runs.Add(at..(at + 1));
                }
            }
        }

        if (runs.Count == 0)
        {
            return null;
        }

        int from = Math.Max(runs[0].Start.Value - Around, 0);
        Range shown = from..Math.Min(Math.Min(runs[0].End.Value, from + Few) + Around, was.Length);
        return $"{different} of {was.Length} bytes differ, at {string.Join(", ", runs.Take(MostRuns).Select(Name))}"
            + $"{(runs.Count > MostRuns ? ", …" : "")}: from 0x{from:x} recorded {string.Concat(was[shown])}, model {string.Concat(had[shown])}";
    }

    /// <summary>A value as JSON; of many bytes the first, and how many they are.</summary>
    public static string Shorten(string value) =>
        AreMany(value) ? $"{value[..(1 + (2 * Around))]}…\" ({BytesOf(value).Length} bytes)" : value;

    private static bool AreMany(string json) =>
        json.Length > 2 + (2 * Few) && json.Length % 2 == 0 && json[0] == '"' && json[^1] == '"' && !json.AsSpan()[1..^1].ContainsAnyExcept(Digits);

    private static string[] BytesOf(string json) => [.. json[1..^1].Chunk(2).Select(static digits => new string(digits))];

    private static string Name(Range run) => run.End.Value - run.Start.Value == 1
        ? $"0x{run.Start.Value:x}"
        : $"0x{run.Start.Value:x}-0x{run.End.Value - 1:x}";
}
