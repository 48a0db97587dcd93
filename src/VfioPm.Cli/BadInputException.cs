namespace VfioPm.Cli;

/// <summary>What the user gave cannot be used; the message says why, to the user.</summary>
internal sealed class BadInputException : Exception
{
    public BadInputException(string message)
        : base(message)
    {
    }

    /// <summary>What the library or .NET says of it, without what only programmers know.</summary>
    public BadInputException(Exception problem)
        : base(WordsOf(problem), problem)
    {
    }

    private static string WordsOf(Exception problem) => problem switch
    {
        FileNotFoundException { FileName: { } file } => $"{file}: no such file",
        ArgumentException { ParamName: { } name } => problem.Message.Split($" (Parameter '{name}')")[0],
        _ => problem.Message,
    };
}
