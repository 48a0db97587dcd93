namespace VfioPm.Tests;

/// <summary>The recordings of vfio-pci, and which of them are known to be explained otherwise than by the model.</summary>
internal static class VfioRecordings
{
    private const string List = "tests/VfioPm.Tests/Vfio/Recordings/known-divergences.txt";

    /// <summary>The archives of a profile, one a machine.</summary>
    public static IEnumerable<RecordingArchive> Of(string profile) => typeof(RecordingArchive).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith($"{profile}/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(static name => new RecordingArchive(name[..^RecordingArchive.Ending.Length]));

    /// <summary>
    /// Plays all recordings of a machine and fails where one diverges that is not listed, diverges elsewhere than
    /// listed, or is listed and diverges no longer.
    /// </summary>
    public static void ShouldDivergeOnlyAsListed(string profile, string topology, int count)
    {
        RecordingArchive archive = new($"{profile}/{topology}");
        IReadOnlyList<Divergence> divergences = archive.Divergences();
        string[] places = [.. divergences.Select(static divergence => divergence.Place)];
        string[] listed = [.. KnownDivergences().Where(place => place.StartsWith($"{archive.Name}/", StringComparison.Ordinal))];

        string unknown = string.Join("\n", divergences.Where(divergence => !listed.Contains(divergence.Place)));
        unknown.Should().BeEmpty("{0} lists all recordings that diverge", List);
        listed.Except(places).Should().BeEmpty("what {0} lists diverges", List);
        archive.Texts.Should().HaveCount(count);
    }

    /// <summary>The places that the list names: recording, event, field.</summary>
    public static IEnumerable<string> KnownDivergences() =>
        Lines().Where(static line => line.Length > 0 && !IsCause(line));

    /// <summary>Listed places with no cause above them.</summary>
    public static IEnumerable<string> UnexplainedDivergences()
    {
        bool isExplained = false;
        foreach (string line in Lines())
        {
            isExplained = IsCause(line) || (isExplained && line.Length > 0);
            if (line.Length > 0 && !isExplained)
            {
                yield return line;
            }
        }
    }

    private static string[] Lines() => SourceFiles.Read(List).Split('\n');

    private static bool IsCause(string line) => line.StartsWith("# ", StringComparison.Ordinal);
}
