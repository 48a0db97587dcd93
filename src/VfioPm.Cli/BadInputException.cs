namespace VfioPm.Cli;

/// <summary>What the user gave cannot be used; the message says why, to the user.</summary>
internal sealed class BadInputException(string message) : Exception(message);
