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
    private const int MostInBlock = 128;

    // How many sleeps are there that may be shorter, and none by more than so much.
    private int _shortable;
    private TimeSpan _longestSlack;

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
    public IEnumerable<ScheduledEvent> Events => Enumerable.Range(0, Blocks).SelectMany(number => Enumerable.Reverse(BlockAt(number)));

    /// <summary>Whether anything comes that does not come again and again by itself; what is held does not come.</summary>
    public bool HasAnyThatDoesNotRecur =>
        Find(ScheduledEvent.Held, static (in item, held) => item.Due != held && !item.Target.IsRecurring(item.Tag)) >= 0;

    /// <summary>Whether all that comes, comes again and again by itself.</summary>
    public bool IsAllPeriodic => Find(
        ScheduledEvent.Held, static (in item, held) => item.Due != held && !item.Target.IsRecurring(item.Tag) && !item.Target.IsPeriodic(item.Tag)) < 0;

    // The nearest block is number 0.
    private int Blocks => 1 + (_farther?.Count ?? 0);

    /// <summary>One by its place: 0 is the next.</summary>
    public ref readonly ScheduledEvent this[int place]
    {
        get
        {
            List<ScheduledEvent> block = BlockAt(BlockOf(ref place));
            return ref CollectionsMarshal.AsSpan(block)[^(place + 1)];
        }
    }

    public void Insert(in ScheduledEvent added)
    {
        var order = new EventOrder(added.Due, added.Latest, added.Sequence, added.IsInterrupt);
        int number = BlockFor(order);
        List<ScheduledEvent> block = BlockAt(number);
        int index = block.Count;
        CollectionsMarshal.SetCount(block, index + 1);
        Span<ScheduledEvent> items = CollectionsMarshal.AsSpan(block);
        for (; index > 0 && !IsAfter(items[index - 1], order); index--)
        {
            items[index] = items[index - 1];
        }

        items[index] = added;
        Count++;
        NoteSlack(added);
        NextDue = added.Due < NextDue ? added.Due : NextDue;
        if (items.Length > MostInBlock)
        {
            Cut(number);
        }
    }

    /// <summary>Takes an event out.</summary>
    public ScheduledEvent Take(int place)
    {
        int number = BlockOf(ref place);
        return Take(number, BlockAt(number).Count - 1 - place);
    }

    /// <returns>Whether it was pending.</returns>
    public bool Remove(IEventTarget target, int tag)
    {
        int place = Find((Target: target, Tag: tag), static (in item, sought) => item.Target == sought.Target && item.Tag == sought.Tag);
        if (place >= 0)
        {
            Take(place);
        }

        return place >= 0;
    }

    /// <returns>Its place; -1 if it is not pending.</returns>
    public int FindSequence(long sequence) => Find(sequence, static (in item, sought) => item.Sequence == sought);

    /// <returns>The place of the first that is held; -1 without.</returns>
    public int FindHeld() => Find(ScheduledEvent.Held, static (in item, held) => item.Due == held);

    /// <summary>The first that interrupts a busy processor, up to a moment; -1 without.</summary>
    public int FindInterrupt(TimeSpan latest)
    {
        int place = Find(latest, static (in item, end) => item.IsInterrupt || item.Due > end);
        return place >= 0 && this[place].Due <= latest ? place : -1;
    }

    /// <summary>Whether a sleep is due later than a moment, and may be over by then.</summary>
    public bool IsAnyShortable(TimeSpan moment) => TryFindShortable(moment, out _, out _);

    /// <summary>Takes the first of those out.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryTakeShortable(TimeSpan moment, out ScheduledEvent sleep)
    {
        bool isThere = TryFindShortable(moment, out int number, out int index);
        sleep = isThere ? Take(number, index) : default;
        return isThere;
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

    public void AddTo(ref StateHash hash, MachineParts parts)
    {
        hash.Add(Count);
        for (int part = 1; part <= parts.Last; part++)
        {
            AddTo(ref hash, parts, part);
        }
    }

    private void AddTo(ref StateHash hash, MachineParts parts, int part)
    {
        for (int number = Blocks - 1; number >= 0; number--)
        {
            foreach (ref readonly ScheduledEvent item in CollectionsMarshal.AsSpan(BlockAt(number)))
            {
                if (parts.Concerns(part, item.Target.HostDevice))
                {
                    item.AddTo(ref hash);
                }
            }
        }
    }

    private void FindNextDue() => NextDue = Count == 0 ? TimeSpan.MaxValue : this[0].Due;

    /// <summary>The place of the first of a kind; -1 without.</summary>
    /// <remarks>What is sought is handed on, for a closure would be allocated.</remarks>
    private int Find<T>(T sought, Match<T> matches)
    {
        int place = 0;
        for (int number = 0; number < Blocks; number++)
        {
            Span<ScheduledEvent> items = CollectionsMarshal.AsSpan(BlockAt(number));
            for (int index = items.Length - 1; index >= 0; index--, place++)
            {
                if (matches(items[index], sought))
                {
                    return place;
                }
            }
        }

        return -1;
    }

    private bool TryFindShortable(TimeSpan moment, out int number, out int index)
    {
        number = _shortable > 0 ? BlockFor(EventOrder.After(moment)) : Blocks;
        index = 0;
        for (; number < Blocks; number++)
        {
            Span<ScheduledEvent> items = CollectionsMarshal.AsSpan(BlockAt(number));
            for (index = items.Length - 1; index >= 0; index--)
            {
                ref readonly ScheduledEvent item = ref items[index];
                if (item.Due - _longestSlack > moment)
                {
                    return false;
                }

                if (item.Due > moment && item.Due - item.Slack <= moment)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private ScheduledEvent Take(int number, int index)
    {
        List<ScheduledEvent> block = BlockAt(number);
        ScheduledEvent taken = block[index];
        block.RemoveAt(index);
        Count--;
        _shortable -= taken.Slack > TimeSpan.Zero ? 1 : 0;
        _longestSlack = _shortable == 0 ? TimeSpan.Zero : _longestSlack;
        if (block.Count == 0)
        {
            Drop(number);
        }

        FindNextDue();
        return taken;
    }

    private void NoteSlack(in ScheduledEvent added)
    {
        _shortable += added.Slack > TimeSpan.Zero ? 1 : 0;
        _longestSlack = added.Slack > _longestSlack ? added.Slack : _longestSlack;
    }

    private List<ScheduledEvent> BlockAt(int number) => number == 0 ? _nearest : _farther![^number];

    /// <summary>The number of the block of a place, which then is the place in it.</summary>
    private int BlockOf(ref int place)
    {
        int number = 0;
        for (int count = _nearest.Count; place >= count; count = BlockAt(number).Count)
        {
            place -= count;
            number++;
        }

        return number;
    }

    /// <summary>The number of the nearest block that reaches beyond what comes; of the farthest, if none does.</summary>
    private int BlockFor(EventOrder added)
    {
        if (_farther is null || IsAfter(_nearest[0], added))
        {
            return 0;
        }

        int found = 0;
        int end = _farther.Count;
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

        return _farther.Count - found;
    }

    /// <summary>The farther half of a block becomes one of its own.</summary>
    private void Cut(int number)
    {
        _farther ??= [];
        List<ScheduledEvent> block = BlockAt(number);
        List<ScheduledEvent> half = block[..(block.Count / 2)];
        block.RemoveRange(0, half.Count);
        _farther.Insert(_farther.Count - number, half);
    }

    /// <summary>A block is empty.</summary>
    private void Drop(int number)
    {
        if (_farther is null)
        {
            return;
        }

        if (number == 0)
        {
            _nearest = _farther[^1];
            number = 1;
        }

        _farther.RemoveAt(_farther.Count - number);
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
                NoteSlack(item);
            }
            else
            {
                Count--;
            }
        }

        if (_nearest.Count == 0)
        {
            Drop(0);
        }
    }

    // Of one moment: timers interrupt whatever is queued, in the order of their last moments (__hrtimer_run_queues()).
    private static bool IsAfter(in ScheduledEvent left, EventOrder right) =>
        left.Due != right.Due ? left.Due > right.Due
        : left.IsInterrupt != right.IsInterrupt ? right.IsInterrupt
        : left.Latest != right.Latest && right.IsInterrupt ? left.Latest > right.Latest
        : left.Sequence > right.Sequence;

    private delegate bool Match<T>(in ScheduledEvent item, T sought);

    /// <summary>What decides where an event comes.</summary>
    private readonly record struct EventOrder(TimeSpan Due, TimeSpan Latest, long Sequence, bool IsInterrupt)
    {
        /// <summary>After all of a moment.</summary>
        public static EventOrder After(TimeSpan moment) => new(moment, TimeSpan.MaxValue, long.MaxValue, IsInterrupt: false);
    }
}
