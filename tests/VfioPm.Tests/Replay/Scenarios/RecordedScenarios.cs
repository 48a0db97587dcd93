using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary>
/// What real kernels were asked, asked of the model: the scenarios that the recorder played, and the operations of
/// recordings whose scenario a generator made.
/// </summary>
internal static class RecordedScenarios
{
    private const string List = "tests/VfioPm.Tests/Replay/Scenarios/known-differences.txt";

    /// <summary>
    /// Plays all that was recorded of a machine and fails where an answer or a state is another, unless that is listed, or
    /// is listed and is so no longer.
    /// </summary>
    public static void ShouldGiveWhatWasRecorded(string profile, string topology)
    {
        RecordingArchive archive = new($"{profile}/{topology}");
        Dictionary<string, string> found = [];
        foreach ((string name, Recording recording) in archive.Recordings)
        {
            ScenarioRun run = ScenarioRun.Play(
                Of(name, recording), KernelProfile.Parse(profile), ScenarioTopology.Named(topology));
            if (FirstDifference(recording.Events, run.Recording.Events) is { } difference)
            {
                found[$"{archive.Name}/{name}"] = difference;
            }
        }

        string[] listed = [.. Listed().Where(place => place.StartsWith($"{archive.Name}/", StringComparison.Ordinal))];
        string unknown = string.Join('\n', found.Where(each => !listed.Contains(each.Key)).Select(each => $"{each.Key} {each.Value}"));
        unknown.Should().BeEmpty("{0} lists what the model answers otherwise", List);
        listed.Except(found.Keys).Should().BeEmpty("what {0} lists is so", List);
    }

    /// <summary>Listed recordings with no cause above them.</summary>
    public static IEnumerable<string> Unexplained()
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

    /// <summary>The recordings that the list names.</summary>
    public static IEnumerable<string> Listed() => Lines().Where(static line => line.Length > 0 && !IsCause(line));

    /// <summary>The scenario of a name, if the recorder had one.</summary>
    public static string? TextOf(string name)
    {
        using Stream? text = typeof(RecordedScenarios).Assembly.GetManifestResourceStream($"{name}.sc");
        return text is null ? null : new StreamReader(text).ReadToEnd();
    }

    private static Scenario Of(string name, Recording recording) =>
        TextOf(name) is { } text ? Scenario.Parse($"{name}.sc", text) : Scenario.Of(recording);

    private static string? FirstDifference(IReadOnlyList<JsonObject> recorded, IReadOnlyList<JsonObject> played)
    {
        foreach ((JsonObject kernel, JsonObject model) in recorded.Zip(played))
        {
            Difference[] differences =
                [.. Difference.Between(kernel, model).Where(static difference => difference.Field != "rpm")];
            if (differences.Length > 0)
            {
                return $"{kernel["i"]} {string.Join(", ", differences.Select(static difference => difference.ToString()))}";
            }
        }

        return recorded.Count == played.Count ? null : $"{recorded.Count} events, model {played.Count}";
    }

    private static string[] Lines() => SourceFiles.Read(List).Split('\n');

    private static bool IsCause(string line) => line.StartsWith("# ", StringComparison.Ordinal);
}
