namespace VfioPm.Cli;

/// <summary>Nobody reads what the tool says any more.</summary>
internal sealed class ReaderGoneException(IOException problem) : Exception(problem.Message, problem);
