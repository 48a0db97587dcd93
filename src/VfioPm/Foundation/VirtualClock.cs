namespace VfioPm;

/// <summary>
/// The host's time and all that waits for it. Time stands still until somebody advances it; then everything
/// due on the way runs, ordered by due time and, within one moment, by the order of scheduling.
/// </summary>
/// <remarks>
/// It stands for <c>CLOCK_MONOTONIC</c>, the kernel's timers and its work queues. As a <see cref="TimeProvider"/>
/// it can be handed to code under test; timers made through <see cref="CreateTimer"/> belong to that code and
/// are not copied into forks.
/// </remarks>
public sealed partial class VirtualClock : TimeProvider, IForkable
{
    // Far enough from what a TimeSpan can be for the kernel's own waits.
    private static readonly TimeSpan EndOfTime = TimeSpan.MaxValue / 2;

    private readonly EventQueue _queue;
    private long _nextSequence;

    // Nothing, where there is none: two references are copied faster than those and whether there are any.
    private Cause _cause;

    /// <summary>A clock with nothing pending.</summary>
    /// <param name="sinceBoot">What it shows at first.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is beyond what a clock can show.</exception>
    public VirtualClock(TimeSpan sinceBoot = default)
    {
        CheckMoment(sinceBoot, nameof(sinceBoot));
        _queue = new EventQueue();
        Calls = new CallsUnderWay();
        Operations = new EventChannel<IOperationListener>(Calls);
        Moments = new EventChannel<IMomentListener>(Calls);
        Now = sinceBoot;
    }

    private VirtualClock(VirtualClock original, ForkContext fork)
    {
        fork.Register(original, this);
        Now = original.Now;
        _nextSequence = original._nextSequence;
        Calls = fork.Of(original.Calls);
        Operations = fork.Of(original.Operations);
        Aliases = original.Aliases;
        Parts = original.Parts;
        Moments = fork.Of(original.Moments);
        TimeAsleep = original.TimeAsleep;
        Frozen = original.Frozen;
        Standstill = fork.OfNullable(original.Standstill);
        Order = fork.OfNullable(original.Order);
        _queue = new EventQueue(original._queue, fork);
    }

    /// <summary>The time since boot.</summary>
    public TimeSpan Now { get; private set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Who is told of what is done to devices.</summary>
    public EventChannel<IOperationListener> Operations { get; }

    /// <summary>Who is told when a moment is over.</summary>
    internal EventChannel<IMomentListener> Moments { get; }

    /// <summary>What is waiting, next first.</summary>
    public IReadOnlyList<PendingEvent> Pending
    {
        get
        {
            lock (Gate)
            {
                return [.. _queue.Events.Select(static item => item.Tell())];
            }
        }
    }

    /// <summary>
    /// Why what happens now happens: what an entry point said (<see cref="Because(VfioPm.Cause?)"/>), or the event that the clock
    /// is running.
    /// </summary>
    internal Cause? Cause
    {
        get => _cause.What is null ? null : _cause;
        set => _cause = value.GetValueOrDefault();
    }

    /// <summary>Whether there is a reason.</summary>
    internal bool HasCause => _cause.What is not null;

    /// <summary>What a test calls the host's devices.</summary>
    internal DeviceAliases Aliases { get; set; } = DeviceAliases.None;

    /// <summary>What of the machine has nothing in common; all of it may, unless somebody knows better.</summary>
    internal MachineParts Parts { get; set; } = MachineParts.Whole;

    /// <summary>How far whoever lets time pass lets it pass.</summary>
    internal Horizon Horizon { get; set; } = Horizon.None;

    /// <summary>The calls that are being carried out.</summary>
    internal CallsUnderWay Calls { get; }

    /// <summary>Who says which of several that are ready at one moment is next; null for the order of the queue.</summary>
    internal IReadyOrder? Order { get; set; }

    /// <summary>Whether anything happens before time passes.</summary>
    public bool IsAnythingDue => _queue.NextDue <= Now;

    /// <summary>When the next of <see cref="Pending"/> is due, since boot; the end of time where nothing is.</summary>
    public TimeSpan NextDue
    {
        get
        {
            lock (Gate)
            {
                return _queue.NextDue;
            }
        }
    }

    /// <summary>Whether anything is pending but what recurs by itself.</summary>
    internal bool IsAnythingComing => _queue.HasAnyThatDoesNotRecur;

    /// <summary>The host's one lock: every public entry point of the host holds it.</summary>
    internal Lock Gate { get; } = new();

    /// <inheritdoc/>
    public override long GetTimestamp() => Now.Ticks;

    /// <summary>The time of day: how long it is since boot, asleep or not, from 1970 on; at most the last of the calendar.</summary>
    public override DateTimeOffset GetUtcNow() => Now + TimeAsleep < DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch
        ? DateTimeOffset.UnixEpoch + Now + TimeAsleep
        : DateTimeOffset.MaxValue;

    /// <summary>Lets <paramref name="duration"/> pass and runs all that becomes due meanwhile.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="duration"/> is negative, or beyond what a clock can show.</exception>
    public void Advance(TimeSpan duration)
    {
        lock (Gate)
        {
            // Now is read with the gate held, so that the time of two threads adds up.
            AdvanceTo(EndOf(duration, nameof(duration)));
        }
    }

    /// <summary>Runs what is due now (queued work, and what that queues for now) without letting time pass.</summary>
    public void RunPending() => Advance(TimeSpan.Zero);

    /// <summary>
    /// Lets time pass, event by event, until a condition holds, and no further.
    /// </summary>
    /// <param name="condition">
    /// What is waited for. It is looked at now, after each event, and at the end; what changes without an event, such as
    /// hardware that is ready at last, is seen then.
    /// </param>
    /// <param name="within">How long at most.</param>
    /// <returns>Whether it holds; <see cref="Now"/> is when that was seen, or the end.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="within"/> is negative, or beyond what a clock can show.</exception>
    public bool AdvanceUntil(Func<bool> condition, TimeSpan within) => AdvanceUntil(condition, within, nameof(within));

    /// <inheritdoc cref="AdvanceUntil(Func{bool}, TimeSpan)"/>
    internal bool AdvanceUntil(Func<bool> condition, TimeSpan within, string name)
    {
        ArgumentNullException.ThrowIfNull(condition);
        lock (Gate)
        {
            TimeSpan end = EndOf(within, name);

            // The condition is looked at between events, so that none may reach beyond its own moment.
            using var bounded = new HorizonScope(this, Horizon.None);
            while (!condition())
            {
                if (Standstill is not null)
                {
                    end -= PassAsleep(end - Now);
                    if (Standstill is not null)
                    {
                        return condition();
                    }
                }
                else if (_queue.NextDue > end)
                {
                    AdvanceTo(end);
                    return condition();
                }
                else
                {
                    RunNext();
                }
            }

            // An event may itself wait for others, beyond the end.
            return Now <= end;
        }
    }

    /// <summary>
    /// Lets <paramref name="duration"/> pass with the processor busy: timers run out, but what they queue, and
    /// every thread that would go on, waits for the next <see cref="Advance"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="duration"/> is negative, or beyond what a clock can show.</exception>
    public void Spin(TimeSpan duration)
    {
        lock (Gate)
        {
            TimeSpan end = EndOf(duration, nameof(duration));
            if (Standstill is not null)
            {
                AdvanceTo(end);
                return;
            }

            using var bounded = new HorizonScope(this, Horizon.None);
            while (_queue.FindInterrupt(end) is int index and >= 0)
            {
                RunAt(index);
            }

            PassTo(end);
        }
    }

    /// <summary>
    /// Says what is being done to a device: the trace has it as an operation, and as the cause of all that happens until
    /// the scope is disposed.
    /// </summary>
    /// <param name="what">In a few words: "open".</param>
    /// <param name="device">To which device.</param>
    public CauseScope Because(string what, string device)
    {
        TellOperation(what, device);
        return new CauseScope(this, new Cause(what, device));
    }

    /// <summary>A timer of the code under test, which calls it back when virtual time has come so far.</summary>
    /// <param name="callback">What is called, by whoever lets time pass.</param>
    /// <param name="state">What it is given.</param>
    /// <param name="dueTime">When first, from now on; <see cref="Timeout.InfiniteTimeSpan"/> for never.</param>
    /// <param name="period">How often then; <see cref="Timeout.InfiniteTimeSpan"/> for no more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative, or longer than a timer of .NET takes (49 days).</exception>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return new UserTimer(this, callback, state, dueTime, period);
    }

    IForkable IForkable.Fork(ForkContext fork) => new VirtualClock(this, fork);

    /// <summary>Runs events until a condition holds that they bring about.</summary>
    /// <returns>False if nothing is pending that could.</returns>
    internal bool RunUntil(Func<bool> condition)
    {
        using var bounded = new HorizonScope(this, Horizon.None);
        int idle = 0;
        while (!condition())
        {
            if (!RunNext(ref idle))
            {
                return false;
            }
        }

        return true;
    }

    /// <exception cref="ArgumentOutOfRangeException">The moment is beyond what a clock can show.</exception>
    internal static void CheckMoment(TimeSpan moment, string name)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(moment, EndOfTime, name);
        ArgumentOutOfRangeException.ThrowIfLessThan(moment, -EndOfTime, name);
    }

    /// <summary>The moment so long after now; one that no clock shows for what is without end.</summary>
    internal TimeSpan After(TimeSpan duration) => duration < EndOfTime ? Now + duration : TimeSpan.MaxValue;

    /// <summary>
    /// Runs the next event at its time. Who waits for a call runs events until it has returned.
    /// </summary>
    /// <param name="idle">
    /// How often nothing was pending but timers of the code under test that come again and again: one of them may end the
    /// wait, but not if it has not for so long.
    /// </param>
    /// <returns>False if nothing is pending but what recurs by itself.</returns>
    internal bool RunNext(ref int idle)
    {
        const int Patience = 10_000;
        if (Standstill is not null)
        {
            return WakeByAlarm();
        }

        idle += _queue.IsAllPeriodic ? 1 : 0;
        if (!IsAnythingComing || idle > Patience)
        {
            return false;
        }

        RunNext();
        return true;
    }

    /// <summary>
    /// How many of the pending events could be next, the first ones in the queue: those whose window begins before
    /// another's ends. Which of them it is, is the machine's choice; none is while the machine sleeps.
    /// </summary>
    internal int CountNext()
    {
        TimeSpan end = TimeSpan.MaxValue;
        int count = 0;
        while (Standstill is null && count < _queue.Count && _queue[count].Due < ScheduledEvent.Held && (_queue[count].Due <= Now || _queue[count].Due <= end))
        {
            end = _queue[count].Latest < end ? _queue[count].Latest : end;
            count++;
        }

        return count;
    }

    /// <summary>What one of those that could be next is (<see cref="CountNext"/>).</summary>
    internal ScheduledEvent Next(int choice) => _queue[choice];

    /// <summary>Runs one of those that could be next (<see cref="CountNext"/>).</summary>
    internal void RunNext(int choice)
    {
        using var bounded = new HorizonScope(this, Horizon.None);
        RunAt(choice);
    }

    /// <summary>Somebody begins to do something to a device.</summary>
    internal void TellOperation(string what, string device) =>
        Operations.Tell((what, device), static (listener, in it) => listener.OnOperation(it.what, it.device));

    internal void TellReturn(string what, string device, int result) => Operations.Tell(
        (what, device, result), static (listener, in it) => listener.OnReturn(it.what, it.device, it.result));

    /// <summary>Gives a cause to all that happens until the scope is disposed.</summary>
    internal CauseScope Because(Cause? cause) => new(this, cause);

    internal void AddTo(ref StateHash hash)
    {
        hash.AddMoment(Now);
        hash.Add((int)Frozen);
        hash.Add(Standstill is not null);
        _queue.AddTo(ref hash, Parts);
    }

    /// <summary>Lets time pass up to a moment, unless it has passed already.</summary>
    private void PassTo(TimeSpan moment)
    {
        if (moment > Now)
        {
            Moments.Tell(moment, static (listener, in _) => listener.OnMomentOver());
            Now = moment;
        }
    }

    /// <summary>The next event runs at its time.</summary>
    private void RunNext()
    {
        PassToEvent(_queue.NextDue);
        RunAt(Order is not null && _queue.CountReady(Now) is > 1 and int ready ? Order.Choose(ready) : 0);
    }

    /// <summary>Lets time pass up to what happens next; what is not due yet is a timer.</summary>
    private void PassToEvent(TimeSpan due)
    {
        if (due > Now)
        {
            PassTo(due);
            Interrupt();
        }
    }

    private void RunAt(int index)
    {
        ScheduledEvent item = _queue.Take(index);
        PassToEvent(item.Due);
        if (Frozen != Frozen.None && item.Target.IsHeld(item.Tag))
        {
            Hold(item);
            return;
        }

        using (Because(item.Target.Describe(item.Tag)))
        {
            item.Target.Run(item.Tag);
        }
    }

    /// <summary>The moment so long after now.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is before now, or there is none.</exception>
    private TimeSpan EndOf(TimeSpan duration, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero, name);
        return duration <= EndOfTime - Now - TimeAsleep
            ? Now + duration
            : throw new ArgumentOutOfRangeException(name, duration, $"The clock goes to {EndOfTime}, and shows {Now + TimeAsleep} now.");
    }
}
