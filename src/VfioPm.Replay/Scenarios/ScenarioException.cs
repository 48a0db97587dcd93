namespace VfioPm;

/// <summary>A mistake in a scenario; the message names the file, the line, the column and what was expected there.</summary>
public sealed class ScenarioException : Exception
{
    internal ScenarioException(string path, int line, int column, string problem)
        : base($"{path}:{line}:{column}: {problem}")
    {
    }
}
