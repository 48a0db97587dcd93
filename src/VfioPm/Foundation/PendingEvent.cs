namespace VfioPm;

/// <summary>
/// What a <see cref="VirtualClock"/> wakes. Deferred work is data (a target and a tag), never a closure, so
/// that it can be listed, copied into a fork and compared.
/// </summary>
internal interface IEventTarget : IForkable
{
    /// <summary>A number that names this target in the state hash of its host.</summary>
    int Index { get; }

    /// <summary>The device of the host that it is about, if it is about one.</summary>
    string? HostDevice => null;

    void Run(int tag);

    /// <summary>
    /// Whether it interrupts a busy processor, as timers do; work items and sleeping threads must wait.
    /// </summary>
    bool IsInterrupt(int tag) => false;

    /// <summary>Whether an interrupt's thread does it, which is of real-time priority.</summary>
    bool IsRealTime(int tag) => false;

    /// <summary>Whether it waits until those are begun that were queued before it, since one after the other does them.</summary>
    bool TakesTurns(int tag) => true;

    /// <summary>Whether it comes again and again by itself, so that nobody who waits may wait for it.</summary>
    bool IsRecurring(int tag) => false;

    /// <summary>Whether it comes again and again by itself, and may bring something about one of these times.</summary>
    bool IsPeriodic(int tag) => false;

    /// <summary>Whether it is of somebody who stands still now, so that it happens when he goes on.</summary>
    bool IsHeld(int tag) => false;

    /// <summary>Whether a fork has it too; what belongs to the code under test cannot be copied.</summary>
    bool IsForked => true;

    /// <summary>What will happen, which is the cause of what follows from it: "0000:01:00.0: autosuspend timer".</summary>
    Cause Describe(int tag);
}

/// <summary>Something that will happen: a queued work item, a running timer, a sleeper to wake.</summary>
/// <param name="Due">The first moment at which it may run, since boot.</param>
/// <param name="Latest">
/// The last moment: later than <paramref name="Due"/> only for timers with slack
/// (<c>hrtimer_start_range_ns()</c>), whose moment in between is the machine's choice.
/// </param>
/// <param name="Sequence">Its place among those of the same moment.</param>
/// <param name="What">What will happen and why.</param>
public readonly record struct PendingEvent(TimeSpan Due, TimeSpan Latest, long Sequence, string What)
{
    /// <summary>
    /// The first moment at which it may come if another timer interrupts then: earlier than <see cref="Due"/> only for sleeps that say
    /// how short they may be (<c>usleep_range()</c>).
    /// </summary>
    public TimeSpan Earliest { get; init; } = Due;
}
