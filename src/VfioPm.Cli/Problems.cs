namespace VfioPm.Cli;

/// <summary>What could not be used of several files: each is told, and none ends the run of the others.</summary>
/// <param name="error">Where it is told.</param>
/// <param name="prefix">What each line begins with.</param>
internal sealed class Problems(TextWriter error, string prefix = "")
{
    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    /// <summary>Does something with a file, or tells why not.</summary>
    /// <returns>Whether it was done.</returns>
    public bool OrTell(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception problem) when (problem is RecordingException or ScenarioException or BadInputException)
        {
            Count++;
            error.WriteLine(prefix + ErrorText.Of(problem.Message));
            return false;
        }
    }
}
