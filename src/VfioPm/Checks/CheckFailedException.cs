namespace VfioPm;

/// <summary>
/// Something is not as expected (<see cref="Verdict.ThrowIfNot"/>); the message explains. A test framework that knows
/// nothing of this library shows it as it is.
/// </summary>
public sealed class CheckFailedException : Exception
{
    /// <summary>A failure without an explanation.</summary>
    public CheckFailedException()
    {
    }

    /// <summary>A failure and its explanation.</summary>
    public CheckFailedException(string message)
        : base(message)
    {
    }

    /// <summary>A failure, its explanation, and what caused it.</summary>
    public CheckFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
