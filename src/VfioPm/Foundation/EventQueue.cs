namespace VfioPm;

/// <summary>What will happen, in order: by moments and, of one moment, by who comes first there.</summary>
/// <remarks>Few events are ever pending, so a sorted list beats a heap, and it can be read in order.</remarks>
internal sealed class EventQueue
{
    /// <summary>Of one moment, numbers from here on come after those that only count up.</summary>
    public const long Callers = long.MaxValue / 4;

    /// <summary>Numbers below this one, down to <see cref="Callers"/>, come after those.</summary>
    public const long Sleepers = long.MaxValue / 4 * 3;

    private readonly List<ScheduledEvent> _events = [];

    public EventQueue()
    {
    }

    /// <summary>A copy for a fork.</summary>
    public EventQueue(EventQueue original, ForkContext fork)
    {
        foreach (ScheduledEvent item in original._events)
        {
            if (item.Target.IsForked)
            {
                _events.Add(item with { Target = fork.Of(item.Target) });
            }
        }
    }

    public int Count => _events.Count;

    public IReadOnlyList<ScheduledEvent> Events => _events;

    /// <summary>Whether anything is pending that does not come again and again by itself.</summary>
    public bool HasAnyThatDoesNotRecur => _events.Exists(static item => !item.Target.IsRecurring(item.Tag));

    public ScheduledEvent this[int index] => _events[index];

    public void Insert(in ScheduledEvent added)
    {
        int index = _events.Count;
        while (index > 0 && IsAfter(_events[index - 1], added))
        {
            index--;
        }

        _events.Insert(index, added);
    }

    /// <summary>Takes an event out.</summary>
    public ScheduledEvent Take(int index)
    {
        ScheduledEvent taken = _events[index];
        _events.RemoveAt(index);
        return taken;
    }

    /// <returns>Whether it was pending.</returns>
    public bool Remove(IEventTarget target, int tag)
    {
        for (int index = 0; index < _events.Count; index++)
        {
            if (_events[index].Target == target && _events[index].Tag == tag)
            {
                _events.RemoveAt(index);
                return true;
            }
        }

        return false;
    }

    public int FindSequence(long sequence) => _events.FindIndex(item => item.Sequence == sequence);

    /// <summary>The first that interrupts a busy processor, up to a moment; -1 without. No lambda, which would be allocated.</summary>
    public int FindInterrupt(TimeSpan latest)
    {
        for (int index = 0; index < _events.Count && _events[index].Due <= latest; index++)
        {
            if (_events[index].IsInterrupt)
            {
                return index;
            }
        }

        return -1;
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_events.Count);
        foreach (ScheduledEvent item in _events)
        {
            // Not the sequence numbers: two histories that leave the same order pending are the same state.
            hash.Add(item.Due.Ticks);
            hash.Add(item.Latest.Ticks);
            // But whether they come before or after what is scheduled later for their moment: a quarter of the numbers.
            hash.Add(item.Sequence / Callers);
            hash.Add(item.Target.GetType().Name);
            hash.Add(item.Target.Index);
            hash.Add(item.Tag);
        }
    }

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
}
