namespace VfioPm;

/// <summary>The time during which a <see cref="Cause"/> holds; it ends where this is disposed.</summary>
public readonly ref struct CauseScope
{
    private readonly VirtualClock _clock;
    private readonly Cause? _outer;

    internal CauseScope(VirtualClock clock, Cause? cause)
    {
        _clock = clock;
        _outer = clock.Cause;
        clock.Cause = cause;
    }

    /// <summary>Brings back the cause that held before.</summary>
    public void Dispose() => _clock.Cause = _outer;
}
