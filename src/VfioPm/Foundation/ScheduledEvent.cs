namespace VfioPm;

/// <summary>An event that will happen to a target.</summary>
/// <param name="Due">The first moment at which it may run, since boot.</param>
/// <param name="Latest">The last.</param>
/// <param name="Sequence">Its place among those of its moment.</param>
/// <param name="Target">Who is woken.</param>
/// <param name="Tag">What for.</param>
internal readonly record struct ScheduledEvent(TimeSpan Due, TimeSpan Latest, long Sequence, IEventTarget Target, int Tag)
{
    /// <summary>How much earlier than it is due it may come where another timer interrupts before.</summary>
    public TimeSpan Slack { get; init; }

    public bool IsInterrupt => Target.IsInterrupt(Tag);

    public void AddTo(ref StateHash hash)
    {
        // Not the sequence numbers: two histories that leave the same order pending are the same state.
        if (Due == EventQueue.Held)
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
        hash.Add(Sequence / EventQueue.Callers);
        hash.AddKindOf(Target);
        hash.Add(Target.Index);
        hash.Add(Tag);
    }

    /// <summary>The same for people.</summary>
    public PendingEvent Tell() =>
        new(Due, Latest, Sequence, Target.Describe(Tag).ToString()) { Earliest = Due - Slack };
}
