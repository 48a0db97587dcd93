namespace VfioPm;

/// <summary>
/// The time during which somebody does something to the host from outside: the host's lock is held, and what he does is
/// the cause of what happens.
/// </summary>
internal readonly ref struct EntryScope
{
    private readonly VirtualClock _clock;
    private readonly CauseScope _cause;

    /// <summary>Begins it.</summary>
    /// <param name="clock">The host's.</param>
    /// <param name="what">What somebody does.</param>
    /// <param name="device">To which device.</param>
    public EntryScope(VirtualClock clock, string what, string device)
    {
        Monitor.Enter(clock.Gate);
        _clock = clock;
        _cause = clock.Because(what, device);
    }

    public void Dispose()
    {
        _cause.Dispose();
        Monitor.Exit(_clock.Gate);
    }
}
