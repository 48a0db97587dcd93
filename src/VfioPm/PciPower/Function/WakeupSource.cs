namespace VfioPm;

/// <summary>
/// What counts the events by which a function wakes the system (<c>struct wakeup_source</c>). Each keeps it active for a
/// tenth of a second (<c>pm_wakeup_event()</c>), so that nobody puts the system to sleep before it is dealt with; that it is
/// over changes nothing but what is read here, and so no timer runs for it.
/// </summary>
internal sealed class WakeupSource
{
    // PCI's wakeup events: pci_wakeup_event().
    private static readonly TimeSpan Processing = TimeSpan.FromMilliseconds(100);

    private TimeSpan _began;
    private TimeSpan? _expires;
    private int _expireCount;
    private TimeSpan _totalTime;
    private TimeSpan _longestTime;
    private TimeSpan _lastTime;

    public WakeupSource()
    {
    }

    /// <summary>A copy for a fork.</summary>
    public WakeupSource(WakeupSource original)
    {
        _began = original._began;
        _expires = original._expires;
        _expireCount = original._expireCount;
        _totalTime = original._totalTime;
        _longestTime = original._longestTime;
        _lastTime = original._lastTime;
        ActiveCount = original.ActiveCount;
        WakeupCount = original.WakeupCount;
    }

    /// <summary>How often it became active; an event while it is does not count.</summary>
    public int ActiveCount { get; private set; }

    /// <summary>How many events there were while somebody wanted the machine to sleep only without one (<c>events_check_enabled</c>).</summary>
    public int WakeupCount { get; private set; }

    /// <summary>An event (<c>pm_wakeup_ws_event()</c>): it is active from now on, or for longer.</summary>
    public void Report(Kernel kernel, SystemTransition machine)
    {
        TimeSpan now = kernel.Clock.Now;
        TimeSpan end = kernel.TickAfter(Processing);
        WakeupCount += machine.ChecksEvents ? 1 : 0;
        if (!IsActiveAt(now))
        {
            (_expireCount, _totalTime, _longestTime) = (ExpireCountAt(now), TotalTimeAt(now), LongestTimeAt(now));
            (_began, _lastTime) = (now, now);
            ActiveCount++;
            machine.CountEvent();
        }

        _expires = end;
        machine.ExtendEvent(end);
    }

    /// <summary>Whether an event is being dealt with.</summary>
    public bool IsActiveAt(TimeSpan now) => _expires is { } expires && now < expires;

    /// <summary>How often it was active until its time was over.</summary>
    public int ExpireCountAt(TimeSpan now) => _expireCount + (EndedAt(now) is null ? 0 : 1);

    /// <summary>How long it was active, the present time not counted.</summary>
    public TimeSpan TotalTimeAt(TimeSpan now) => _totalTime + DurationEndedAt(now);

    /// <summary>How long it was active at most.</summary>
    public TimeSpan LongestTimeAt(TimeSpan now)
    {
        TimeSpan last = DurationEndedAt(now);
        return last > _longestTime ? last : _longestTime;
    }

    /// <summary>When it became active or ceased to be, since boot.</summary>
    public TimeSpan LastTimeAt(TimeSpan now) => EndedAt(now) ?? _lastTime;

    /// <summary>When the last time ended that it was active, or null while it is, or never was.</summary>
    private TimeSpan? EndedAt(TimeSpan now) => IsActiveAt(now) ? null : _expires;

    private TimeSpan DurationEndedAt(TimeSpan now) => EndedAt(now) is { } end ? end - _began : TimeSpan.Zero;
}
