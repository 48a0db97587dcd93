namespace VfioPm.Cli;

/// <summary>The scenarios that the user named.</summary>
internal static class ScenarioFiles
{
    private const string Extension = ".sc";

    /// <summary>Reads all of them, so that a mistake in any is told before anything is played.</summary>
    /// <exception cref="BadInputException">There is no such file, or a mistake in one.</exception>
    public static IReadOnlyList<Scenario> Load(IEnumerable<string> paths)
    {
        try
        {
            return [.. paths.SelectMany(Find).Select(Scenario.Load)];
        }
        catch (Exception problem) when (problem is ScenarioException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(problem.Message);
        }
    }

    private static IEnumerable<string> Find(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        string[] found = [.. Directory.EnumerateFiles(path, $"*{Extension}", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        return found.Length > 0 ? found : throw new BadInputException($"{path}: no scenario in this folder ({Extension})");
    }
}
