using System.Runtime.ExceptionServices;

namespace VfioPm;

/// <summary>What a search has seen and found so far, and whether it may go on.</summary>
internal sealed class Search
{
    private readonly CancellationToken _end;
    private readonly Dictionary<ulong, int> _seen = [];

    public Search(SearchLimits limits, CancellationToken end)
    {
        _end = end;
        Limits = limits;
    }

    public SearchLimits Limits { get; }

    /// <summary>How many states were seen.</summary>
    public int States => _seen.Count;

    /// <summary>The hashes of those, for a shard; otherwise none.</summary>
    public IReadOnlyList<ulong> Hashes => Limits.Shard.IsPart ? [.. _seen.Keys.Order()] : [];

    /// <summary>How many choices the longest way has.</summary>
    public int Depth { get; private set; }

    /// <summary>Whether all states were looked at, up to the depth.</summary>
    public bool IsComplete { get; set; }

    /// <summary>How rules were broken, the first one first.</summary>
    public List<Breach> Breaches { get; } = [];

    /// <summary>Whether it may go on.</summary>
    public bool MayGoOn => !_end.IsCancellationRequested && States < Limits.States;

    /// <summary>Runs something for each number below a count, on all processors.</summary>
    public void ForEach(int count, Action<int> body)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Limits.Processors };
        try
        {
            Parallel.For(0, count, parallel, body);
        }
        catch (AggregateException problems)
        {
            // Whoever threw first in the order of the numbers is not known; one is enough.
            ExceptionDispatchInfo.Throw(problems.InnerExceptions[0]);
        }
    }

    /// <summary>Whether a state was reached already by as few choices. May be asked by several at once while none notes any.</summary>
    public bool Knows(ulong hash, int depth) => _seen.TryGetValue(hash, out int known) && known <= depth;

    /// <summary>Notes a state.</summary>
    /// <returns>Whether it is new, or was reached by fewer choices than before.</returns>
    public bool Visit(ulong hash, int depth)
    {
        Depth = Math.Max(Depth, depth);
        if (Knows(hash, depth))
        {
            return false;
        }

        _seen[hash] = depth;
        return true;
    }

    /// <summary>Notes how rules were broken, unless it is known.</summary>
    public void Add(IReadOnlyList<Breach> breaches)
    {
        foreach (Breach breach in breaches)
        {
            int known = 0;
            bool isNew = true;
            foreach (Breach other in Breaches)
            {
                known += other.Rule == breach.Rule ? 1 : 0;
                isNew &= other.Rule != breach.Rule || other.How != breach.How;
            }

            if (isNew && known < Limits.FindingsPerRule)
            {
                Breaches.Add(breach);
            }
        }
    }

    /// <summary>Tells how far it has come.</summary>
    public void Tell() => Limits.Progress?.Invoke(States, Depth);
}

/// <summary>A rule that was broken.</summary>
/// <param name="Rule">Which of the plan's.</param>
/// <param name="How">What was seen.</param>
/// <param name="Way">The choices that led there.</param>
internal sealed record Breach(int Rule, string How, IReadOnlyList<Choice> Way);
