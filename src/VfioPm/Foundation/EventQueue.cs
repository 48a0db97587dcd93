using System.Runtime.InteropServices;

namespace VfioPm;

/// <summary>What will happen, in order: by moments and, of one moment, by who comes first there.</summary>
/// <remarks>
/// Few events are pending on most hosts, so a sorted list beats a heap, and it can be read in order. The next is kept last: what is
/// taken from there, or comes before all others, moves nothing. Where there are many, the list is cut into blocks, so that what
/// comes into the middle moves few.
/// </remarks>
internal sealed class EventQueue
{
    /// <summary>Of one moment, numbers from here on come after those that only count up.</summary>
    public const long Callers = long.MaxValue / 4;

    /// <summary>Numbers below this one, down to <see cref="Callers"/>, come after those.</summary>
    public const long Sleepers = long.MaxValue / 4 * 3;

    /// <summary>When what is held happens: not before somebody lets it go.</summary>
    public static readonly TimeSpan Held = TimeSpan.MaxValue;

    private const int MostInBlock = 128;

    // How many sleeps are there that may be shorter.
    private int _shortable;

    // The nearest block, empty only where there is nothing, and the others, last first as what is in each.
    private List<ScheduledEvent> _nearest = [];
    private List<List<ScheduledEvent>>? _farther;

    public EventQueue()
    {
    }

    /// <summary>A copy for a fork.</summary>
    public EventQueue(EventQueue original, ForkContext fork)
    {
        Count = original.Count;
        for (int block = 0; block < original._farther?.Count; block++)
        {
            Adopt(original._farther[block], fork);
        }

        Adopt(original._nearest, fork);
        FindNextDue();
    }

    public int Count { get; private set; }

    /// <summary>When the next is due; the end of time where nothing is pending.</summary>
    public TimeSpan NextDue { get; private set; } = TimeSpan.MaxValue;

    /// <summary>The next first.</summary>
    public IEnumerable<ScheduledEvent> Events => Enumerable.Range(0, Count).Select(place => this[place]);

    /// <summary>Whether anything comes that does not come again and again by itself; what is held does not come.</summary>
    public bool HasAnyThatDoesNotRecur => Exists(static item => item.Due != Held && !item.Target.IsRecurring(item.Tag));

    /// <summary>Whether all that comes, comes again and again by itself.</summary>
    public bool IsAllPeriodic =>
        !Exists(static item => item.Due != Held && !item.Target.IsRecurring(item.Tag) && !item.Target.IsPeriodic(item.Tag));

    /// <summary>One by its place: 0 is the next.</summary>
    public ref readonly ScheduledEvent this[int place]
    {
        get
        {
            List<ScheduledEvent> block = place < _nearest.Count ? _nearest : BlockOf(ref place);
            return ref CollectionsMarshal.AsSpan(block)[^(place + 1)];
        }
    }

    public void Insert(in ScheduledEvent added)
    {
        var order = new EventOrder(added.Due, added.Latest, added.Sequence, added.IsInterrupt);
        List<ScheduledEvent> block = _farther is null || IsAfter(_nearest[0], order) ? _nearest : FartherBlockFor(order);
        int index = block.Count;
        CollectionsMarshal.SetCount(block, index + 1);
        Span<ScheduledEvent> items = CollectionsMarshal.AsSpan(block);
        for (; index > 0 && !IsAfter(items[index - 1], order); index--)
        {
            items[index] = items[index - 1];
        }

        items[index] = added;
        Count++;
        _shortable += added.Slack > TimeSpan.Zero ? 1 : 0;
        NextDue = added.Due < NextDue ? added.Due : NextDue;
        if (items.Length > MostInBlock)
        {
            Cut(block);
        }
    }

    /// <summary>Takes an event out.</summary>
    public ScheduledEvent Take(int place)
    {
        List<ScheduledEvent> block = BlockOf(ref place);
        int index = block.Count - 1 - place;
        ScheduledEvent taken = block[index];
        block.RemoveAt(index);
        Count--;
        _shortable -= taken.Slack > TimeSpan.Zero ? 1 : 0;
        if (block.Count == 0)
        {
            Drop(block);
        }

        FindNextDue();
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
        for (int place = 0; place < Count; place++)
        {
            if (this[place].Sequence == sequence)
            {
                return place;
            }
        }

        return -1;
    }

    /// <returns>The place of the first that is held; there is one.</returns>
    public int FindHeld()
    {
        int place = Count - 1;
        while (place > 0 && this[place - 1].Due == Held)
        {
            place--;
        }

        return place;
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

    /// <summary>The place of the first sleep that is due later than a moment, and may be over by then; -1 without.</summary>
    public int FindShortable(TimeSpan moment)
    {
        int left = _shortable;
        for (int place = 0; left > 0; place++)
        {
            ref readonly ScheduledEvent item = ref this[place];
            if (item.Slack > TimeSpan.Zero)
            {
                left--;
                if (item.Due > moment && item.Due - item.Slack <= moment)
                {
                    return place;
                }
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
        for (int place = Count - 1; place >= 0; place--)
        {
            ScheduledEvent item = this[place];

            // Not the sequence numbers: two histories that leave the same order pending are the same state.
            if (item.Due == Held)
            {
                hash.Add(-1L);
            }
            else
            {
                hash.AddMoment(item.Due);
                hash.AddMoment(item.Latest);
                hash.Add(item.Slack.Ticks);
            }

            // But whether they come before or after what is scheduled later for their moment: a quarter of the numbers.
            hash.Add(item.Sequence / Callers);
            hash.AddKindOf(item.Target);
            hash.Add(item.Target.Index);
            hash.Add(item.Tag);
        }
    }

    private void FindNextDue() => NextDue = Count == 0 ? TimeSpan.MaxValue : this[0].Due;

    private bool Exists(Predicate<ScheduledEvent> match) =>
        _nearest.Exists(match) || (_farther is not null && _farther.Exists(block => block.Exists(match)));

    /// <summary>The block of a place, which then is the place in it.</summary>
    private List<ScheduledEvent> BlockOf(ref int place)
    {
        List<ScheduledEvent> block = _nearest;
        for (int next = (_farther?.Count ?? 0) - 1; place >= block.Count; next--)
        {
            place -= block.Count;
            block = _farther![next];
        }

        return block;
    }

    /// <summary>The nearest of the farther blocks that reaches beyond what comes; the farthest, if none does.</summary>
    private List<ScheduledEvent> FartherBlockFor(EventOrder added)
    {
        int found = 0;
        int end = _farther!.Count;
        while (end - found > 1)
        {
            int middle = (found + end) / 2;
            if (IsAfter(_farther[middle][0], added))
            {
                found = middle;
            }
            else
            {
                end = middle;
            }
        }

        return _farther[found];
    }

    /// <summary>The farther half of a block becomes one of its own.</summary>
    private void Cut(List<ScheduledEvent> block)
    {
        _farther ??= [];
        List<ScheduledEvent> half = block[..(block.Count / 2)];
        block.RemoveRange(0, half.Count);
        _farther.Insert(block == _nearest ? _farther.Count : _farther.IndexOf(block), half);
    }

    private void Drop(List<ScheduledEvent> empty)
    {
        if (_farther is null)
        {
            return;
        }

        if (empty == _nearest)
        {
            _nearest = _farther[^1];
            _farther.RemoveAt(_farther.Count - 1);
        }
        else
        {
            _farther.Remove(empty);
        }

        if (_farther.Count == 0)
        {
            _farther = null;
        }
    }

    /// <summary>Copies a block into a fork, which comes before all that is there.</summary>
    private void Adopt(List<ScheduledEvent> block, ForkContext fork)
    {
        if (_nearest.Count > 0)
        {
            (_farther ??= []).Add(_nearest);
            _nearest = [];
        }

        _nearest.EnsureCapacity(block.Count);
        foreach (ScheduledEvent item in block)
        {
            if (item.Target.IsForked)
            {
                _nearest.Add(item with { Target = fork.Of(item.Target) });
                _shortable += item.Slack > TimeSpan.Zero ? 1 : 0;
            }
            else
            {
                Count--;
            }
        }

        if (_nearest.Count == 0)
        {
            Drop(_nearest);
        }
    }

    // Of one moment: timers interrupt whatever is queued, in the order of their last moments (__hrtimer_run_queues()).
    private static bool IsAfter(in ScheduledEvent left, EventOrder right) =>
        left.Due != right.Due ? left.Due > right.Due
        : left.IsInterrupt != right.IsInterrupt ? right.IsInterrupt
        : left.Latest != right.Latest && right.IsInterrupt ? left.Latest > right.Latest
        : left.Sequence > right.Sequence;

    /// <summary>What decides where an event comes.</summary>
    private readonly record struct EventOrder(TimeSpan Due, TimeSpan Latest, long Sequence, bool IsInterrupt);
}

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

    /// <summary>The same for people.</summary>
    public PendingEvent Tell() =>
        new(Due, Latest, Sequence, Target.Describe(Tag).ToString()) { Earliest = Due - Slack };
}
