namespace VfioPm;

/// <summary>A schedule cannot be replayed: what it names could not be next.</summary>
public sealed class ScheduleException : Exception
{
    internal ScheduleException(string message)
        : base(message)
    {
    }
}
