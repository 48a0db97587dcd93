namespace VfioPm;

/// <summary>Something that is waited for while time passes.</summary>
internal interface IEnding
{
    bool HasEnded { get; }
}

/// <summary>
/// How far whoever lets time pass lets it pass: up to a moment, and not once the call that it waits for has returned.
/// </summary>
/// <param name="End">The moment, since boot.</param>
/// <param name="Call">The call, if it waits for one.</param>
internal readonly record struct Horizon(TimeSpan End, IEnding? Call)
{
    /// <summary>Nobody lets time pass, or somebody looks after every event.</summary>
    public static Horizon None => new(TimeSpan.MinValue, null);

    /// <summary>Whether somebody lets time pass, and does not look after every event.</summary>
    public bool IsAny => Call is not null || End != TimeSpan.MinValue;

    public bool Includes(TimeSpan moment) => moment <= End && Call is not { HasEnded: true };
}
