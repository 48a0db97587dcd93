namespace VfioPm.Cli;

/// <summary>The scenarios that the user named.</summary>
internal static class ScenarioFiles
{
    private const string Extension = ".sc";

    /// <summary>
    /// Reads all of them, so that a mistake in any is told before anything is played. A recording is a scenario, and the
    /// machine to play it on.
    /// </summary>
    /// <exception cref="BadInputException">There is no such file, or a mistake in one.</exception>
    public static IReadOnlyList<(Scenario Scenario, ScenarioTopology? Topology)> Load(IEnumerable<string> paths)
    {
        try
        {
            return [.. paths.SelectMany(Find)];
        }
        catch (Exception problem) when (problem
            is ScenarioException or RecordingException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(problem.Message);
        }
    }

    private static IEnumerable<(Scenario Scenario, ScenarioTopology? Topology)> Find(string path)
    {
        string[] scenarios = Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path, $"*{Extension}", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : Path.GetExtension(path) == Extension ? [path] : [];
        return scenarios.Length > 0
            ? scenarios.Select(static file => (Scenario.Load(file), (ScenarioTopology?)null))
            : RecordingFile.Find(path)
                .SelectMany(static file => file.Read())
                .Select(static recording => (Scenario.Of(recording), (ScenarioTopology?)ScenarioTopology.Of(recording)));
    }
}
