namespace VfioPm;

/// <summary>What will happen, in order: by moments and, of one moment, by who comes first there.</summary>
/// <remarks>
/// Few events are ever pending, so a sorted list beats a heap, and it can be read in order. The next is kept last: what is
/// taken from there, or comes before all others, moves nothing.
/// </remarks>
internal sealed class EventQueue
{
    /// <summary>Of one moment, numbers from here on come after those that only count up.</summary>
    public const long Callers = long.MaxValue / 4;

    /// <summary>Numbers below this one, down to <see cref="Callers"/>, come after those.</summary>
    public const long Sleepers = long.MaxValue / 4 * 3;

    private readonly List<ScheduledEvent> _lastFirst = [];

    public EventQueue()
    {
    }

    /// <summary>A copy for a fork.</summary>
    public EventQueue(EventQueue original, ForkContext fork)
    {
        foreach (ScheduledEvent item in original._lastFirst)
        {
            if (item.Target.IsForked)
            {
                _lastFirst.Add(item with { Target = fork.Of(item.Target) });
            }
        }
    }

    public int Count => _lastFirst.Count;

    /// <summary>The next first.</summary>
    public IEnumerable<ScheduledEvent> Events => Enumerable.Reverse(_lastFirst);

    /// <summary>Whether anything is pending that does not come again and again by itself.</summary>
    public bool HasAnyThatDoesNotRecur => _lastFirst.Exists(static item => !item.Target.IsRecurring(item.Tag));

    /// <summary>Whether all that is pending comes again and again by itself.</summary>
    public bool IsAllPeriodic =>
        _lastFirst.TrueForAll(static item => item.Target.IsRecurring(item.Tag) || item.Target.IsPeriodic(item.Tag));

    /// <summary>One by its place: 0 is the next.</summary>
    public ScheduledEvent this[int place] => _lastFirst[IndexOf(place)];

    public void Insert(in ScheduledEvent added)
    {
        _lastFirst.Add(added);
        int index = _lastFirst.Count - 1;
        for (; index > 0 && !IsAfter(_lastFirst[index - 1], added); index--)
        {
            _lastFirst[index] = _lastFirst[index - 1];
        }

        if (index < _lastFirst.Count - 1)
        {
            _lastFirst[index] = added;
        }
    }

    /// <summary>Takes an event out.</summary>
    public ScheduledEvent Take(int place)
    {
        ScheduledEvent taken = this[place];
        _lastFirst.RemoveAt(IndexOf(place));
        return taken;
    }

    /// <returns>Whether it was pending.</returns>
    public bool Remove(IEventTarget target, int tag)
    {
        for (int place = 0; place < Count; place++)
        {
            if (this[place].Target == target && this[place].Tag == tag)
            {
                Take(place);
                return true;
            }
        }

        return false;
    }

    /// <returns>Its place; -1 if it is not pending.</returns>
    public int FindSequence(long sequence)
    {
        int index = _lastFirst.FindIndex(item => item.Sequence == sequence);
        return index < 0 ? -1 : IndexOf(index);
    }

    /// <summary>The first that interrupts a busy processor, up to a moment; -1 without. No lambda, which would be allocated.</summary>
    public int FindInterrupt(TimeSpan latest)
    {
        for (int place = 0; place < Count && this[place].Due <= latest; place++)
        {
            if (this[place].IsInterrupt)
            {
                return place;
            }
        }

        return -1;
    }

    /// <summary>How many are ready at the next moment, the first ones; one where that is a timer, which interrupts.</summary>
    public int CountReady(TimeSpan now)
    {
        TimeSpan moment = this[0].Due > now ? this[0].Due : now;
        int ready = 1;
        while (ready < Count && !this[ready - 1].IsInterrupt && this[ready].Due <= moment && !this[ready].IsInterrupt)
        {
            ready++;
        }

        return ready;
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(Count);
        foreach (ScheduledEvent item in _lastFirst)
        {
            // Not the sequence numbers: two histories that leave the same order pending are the same state.
            hash.AddMoment(item.Due);
            hash.AddMoment(item.Latest);
            // But whether they come before or after what is scheduled later for their moment: a quarter of the numbers.
            hash.Add(item.Sequence / Callers);
            hash.Add(item.Target.GetType().Name);
            hash.Add(item.Target.Index);
            hash.Add(item.Tag);
        }
    }

    /// <summary>Where in the list; its own inverse.</summary>
    private int IndexOf(int place) => Count - 1 - place;

    // Of one moment: timers interrupt whatever is queued, in the order of their last moments (__hrtimer_run_queues()).
    private static bool IsAfter(in ScheduledEvent left, in ScheduledEvent right) =>
        left.Due != right.Due ? left.Due > right.Due
        : left.IsInterrupt != right.IsInterrupt ? right.IsInterrupt
        : left.Latest != right.Latest && left.IsInterrupt ? left.Latest > right.Latest
        : left.Sequence > right.Sequence;
}

/// <summary>An event that will happen to a target.</summary>
/// <param name="Due">The first moment at which it may run, since boot.</param>
/// <param name="Latest">The last.</param>
/// <param name="Sequence">Its place among those of its moment.</param>
/// <param name="Target">Who is woken.</param>
/// <param name="Tag">What for.</param>
internal readonly record struct ScheduledEvent(TimeSpan Due, TimeSpan Latest, long Sequence, IEventTarget Target, int Tag)
{
    public bool IsInterrupt => Target.IsInterrupt(Tag);

    /// <summary>The same for people.</summary>
    public PendingEvent Tell() => new(Due, Latest, Sequence, Target.Describe(Tag).ToString());
}
