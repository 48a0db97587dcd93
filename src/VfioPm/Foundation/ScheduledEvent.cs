namespace VfioPm;

/// <summary>An event that will happen to a target.</summary>
/// <param name="Due">The first moment at which it may run, since boot.</param>
/// <param name="Latest">The last.</param>
/// <param name="Sequence">Its place among those of its moment.</param>
/// <param name="Target">Who is woken.</param>
/// <param name="Tag">What for.</param>
internal readonly record struct ScheduledEvent(TimeSpan Due, TimeSpan Latest, long Sequence, IEventTarget Target, int Tag)
{
    /// <summary>Of one moment, numbers from here on come after those that only count up.</summary>
    public const long Callers = long.MaxValue / 4;

    /// <summary>Numbers below this one, down to <see cref="Callers"/>, come after those.</summary>
    public const long Sleepers = long.MaxValue / 4 * 3;

    /// <summary>When what is held happens: not before somebody lets it go.</summary>
    public static readonly TimeSpan Held = TimeSpan.MaxValue;

    /// <summary>How much earlier than it is due it may come where another timer interrupts before.</summary>
    public TimeSpan Slack { get; init; }

    public bool IsInterrupt => Target.IsInterrupt(Tag);

    public void AddTo(ref StateHash hash)
    {
        // Not the sequence numbers: two histories that leave the same order pending are the same state.
        if (Due == Held)
        {
            hash.Add(-1L);
        }
        else
        {
            hash.AddMoment(Due);
            hash.AddMoment(Latest);
            hash.Add(Slack.Ticks);
        }

        // But whether they come before or after what is scheduled later for their moment: a quarter of the numbers.
        hash.Add(Sequence / Callers);
        hash.AddKindOf(Target);
        hash.Add(Target.Index);
        hash.Add(Tag);
    }

    /// <summary>The same for people.</summary>
    public PendingEvent Tell() =>
        new(Due, Latest, Sequence, Target.Describe(Tag).ToString()) { Earliest = Due - Slack };
}
