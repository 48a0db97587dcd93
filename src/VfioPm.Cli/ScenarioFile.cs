namespace VfioPm.Cli;

/// <summary>A file that the user named, or that is below a folder that he named: one scenario, or recordings that are some.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="IsScenario">Whether it is written in the language of scenarios.</param>
internal sealed record ScenarioFile(string Path, bool IsScenario)
{
    private const string Extension = ".sc";

    /// <summary>The scenarios below a folder, or else its recordings; or the file itself.</summary>
    /// <exception cref="RecordingException">There is no such file.</exception>
    /// <exception cref="BadInputException">There is nothing in the folder.</exception>
    public static IEnumerable<ScenarioFile> Find(string path)
    {
        IReadOnlyList<string> scenarios = Directory.Exists(path) ? InputFiles.Below(path, IsScenarioName) : [path];
        if (scenarios.Any(IsScenarioName))
        {
            return scenarios.Select(static file => new ScenarioFile(file, IsScenario: true));
        }

        try
        {
            return RecordingFile.Find(path).Select(static file => new ScenarioFile(file.Path, IsScenario: false));
        }
        catch (RecordingException) when (Directory.Exists(path))
        {
            throw new BadInputException($"{path}: neither a scenario nor a recording in this folder (.sc, .jsonl, .jsonl.gz, .br)");
        }
    }

    /// <summary>
    /// What is in it, each to be read by itself, since one may be wrong where others are not. A recording is a scenario, and
    /// the machine to play it on.
    /// </summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    /// <exception cref="ScenarioException">There is a mistake in it.</exception>
    /// <exception cref="RecordingException">The same.</exception>
    public IEnumerable<Func<(Scenario Scenario, ScenarioTopology? Topology)>> Read() => IsScenario
        ? [() => (Load(), null)]
        : RecordingFile.Find(Path)
            .SelectMany(static file => file.Read())
            .Select(static recording => (Func<(Scenario, ScenarioTopology?)>)(() =>
                (Scenario.Of(recording), ScenarioTopology.Of(recording))));

    private static bool IsScenarioName(string name) => System.IO.Path.GetExtension(name) == Extension;

    private Scenario Load()
    {
        try
        {
            return Scenario.Load(Path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(problem);
        }
    }
}
