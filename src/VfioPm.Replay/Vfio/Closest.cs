namespace VfioPm;

/// <summary>
/// Those attempts that come closest to what was recorded, one of each state. Some events have hundreds of thousands;
/// no other is kept.
/// </summary>
internal sealed class Closest
{
    // Of so many orders of timers the threads' are looked for.
    private const int MostFarthest = 64;

    private readonly HashSet<ulong> _hashes = [];
    private readonly PriorityQueue<Attempt, int> _farthest = new();
    private int _tried;

    public List<Attempt> Attempts { get; } = [];

    /// <summary>Those whose trace is as recorded for longest, whatever comes then.</summary>
    public IReadOnlyList<Attempt> Farthest => [.. _farthest.UnorderedItems.Select(static item => item.Element)];

    /// <summary>Whether one of them differs in nothing.</summary>
    public bool IsExplanation => Attempts is [{ IsExact: true }, ..];

    public void AddRange(IEnumerable<Attempt> attempts)
    {
        foreach (Attempt attempt in attempts)
        {
            Add(attempt);
        }
    }

    private void Add(Attempt attempt)
    {
        if (++_tried > InputLimits.Orders)
        {
            throw new RecordingException($"timers leave more than {InputLimits.Orders} orders open");
        }

        _farthest.Enqueue(attempt, attempt.Agreed);
        if (_farthest.Count > MostFarthest)
        {
            _farthest.Dequeue();
        }

        int difference = Attempts.Count == 0 ? -1 : attempt.Distance.CompareTo(Attempts[0].Distance);
        if (difference < 0)
        {
            Attempts.Clear();
            _hashes.Clear();
        }

        if (difference <= 0 && _hashes.Add(attempt.Machine.Host.ComputeStateHash()))
        {
            Attempts.Add(attempt);
        }
    }
}
