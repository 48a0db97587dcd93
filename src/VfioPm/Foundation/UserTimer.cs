namespace VfioPm;

/// <summary>A timer of the code under test on the virtual clock (<see cref="VirtualClock.CreateTimer"/>).</summary>
internal sealed class UserTimer : ITimer, IEventTarget
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly VirtualClock _clock;
    private readonly TimerCallback _callback;
    private readonly object? _state;
    private TimeSpan _period;

    public UserTimer(VirtualClock clock, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _clock = clock;
        _callback = callback;
        _state = state;
        Change(dueTime, period);
    }

    public int Index => -1;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        Refuse(dueTime, nameof(dueTime));
        Refuse(period, nameof(period));
        lock (_clock.Gate)
        {
            _clock.Cancel(this, 0);
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                _clock.Schedule(_clock.Now + dueTime, this, 0);
            }

            return true;
        }
    }

    public void Run(int tag)
    {
        if (_period > TimeSpan.Zero)
        {
            _clock.Schedule(_clock.Now + _period, this, 0);
        }

        try
        {
            _callback(_state);
        }
        catch (Exception thrown)
        {
            _clock.Calls.Keep(thrown);
        }
    }

    public bool IsInterrupt(int tag) => true;

    public bool IsPeriodic(int tag) => _period > TimeSpan.Zero;

    public bool IsForked => false;

    public Cause Describe(int tag) => new("timer of the code under test");

    public IForkable Fork(ForkContext fork) =>
        throw new NotSupportedException("A timer of the code under test cannot be copied into a fork.");

    public void Dispose()
    {
        lock (_clock.Gate)
        {
            _clock.Cancel(this, 0);
        }
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>What timers of .NET refuse.</summary>
    private static void Refuse(TimeSpan time, string name)
    {
        if (time != Timeout.InfiniteTimeSpan && (time < TimeSpan.Zero || time > Longest))
        {
            throw new ArgumentOutOfRangeException(name, time, $"A timer takes from 0 to {Longest.TotalMilliseconds} ms, or {nameof(Timeout.InfiniteTimeSpan)}.");
        }
    }
}
