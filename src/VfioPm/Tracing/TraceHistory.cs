namespace VfioPm;

/// <summary>
/// The entries of a trace. Blocks that are full never change, so forks and readers share them; where there is a bound the oldest
/// entries go first.
/// </summary>
internal sealed class TraceHistory
{
    private const int BlockLength = 256;
    private const int FirstLength = 16;

    private readonly List<TraceEntry[]> _blocks = [];

    // Counted from the beginning of the first block.
    private int _begin;
    private int _end;
    private TraceEntries? _entries;

    // Whether a fork or a reader may have a block that is here.
    private bool _isShared;

    public TraceHistory()
    {
    }

    private TraceHistory(TraceHistory original)
    {
        _isShared = original._isShared = true;
        _blocks.AddRange(original._blocks);
        if (_blocks.Count > 0)
        {
            // Both write on in the last one.
            _blocks[^1] = [.. _blocks[^1]];
        }

        _begin = original._begin;
        _end = original._end;
        Forgotten = original.Forgotten;
    }

    /// <summary>What was forgotten because of a bound.</summary>
    public ForgottenEntries Forgotten { get; private set; }

    /// <summary>How many there are, and were before those were forgotten.</summary>
    public long Recorded => Forgotten.Count + _end - _begin;

    /// <summary>All of them as they are now; what is added later is not among them.</summary>
    public TraceEntries Entries
    {
        get
        {
            _isShared = true;
            return _entries ??= new TraceEntries([.. _blocks], _begin, _end - _begin);
        }
    }

    public void Add(in TraceEntry entry, int? limit)
    {
        int block = _end / BlockLength;
        int at = _end % BlockLength;
        if (block == _blocks.Count)
        {
            _blocks.Add(new TraceEntry[block == 0 ? FirstLength : BlockLength]);
        }
        else if (at == _blocks[block].Length)
        {
            // Somebody may be reading the shorter one.
            TraceEntry[] longer = new TraceEntry[2 * at];
            _blocks[block].CopyTo(longer, 0);
            _blocks[block] = longer;
        }

        _blocks[block][at] = entry;
        _end++;
        _entries = null;
        Trim(limit);
    }

    /// <summary>Forgets the oldest, if there are more than so many.</summary>
    public void Trim(int? limit)
    {
        int surplus = _end - _begin - (limit ?? int.MaxValue);
        if (surplus > 0)
        {
            int last = _begin + surplus - 1;
            Forgotten = new ForgottenEntries(Forgotten.Count + surplus, _blocks[last / BlockLength][last % BlockLength].Time);
            _begin += surplus;
            int unused = _begin / BlockLength;
            _blocks.RemoveRange(0, unused);
            _begin -= unused * BlockLength;
            _end -= unused * BlockLength;
            _entries = null;
        }
    }

    /// <summary>Begins anew, in the first block where nobody else has it.</summary>
    public void Clear()
    {
        int kept = _isShared ? 0 : Math.Min(_blocks.Count, 1);
        _blocks.RemoveRange(kept, _blocks.Count - kept);
        _begin = 0;
        _end = 0;
        _entries = null;
        _isShared = false;
        Forgotten = default;
    }

    public TraceHistory Copy() => new(this);
}

/// <summary>Entries that a trace has no more because of its bound.</summary>
/// <param name="Count">How many they were.</param>
/// <param name="Until">When the last of them was.</param>
internal readonly record struct ForgottenEntries(long Count, TimeSpan Until);
