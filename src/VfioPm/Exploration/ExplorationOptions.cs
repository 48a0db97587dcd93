namespace VfioPm;

/// <summary>How far an exploration goes, and in which order.</summary>
public sealed record ExplorationOptions
{
    // What a timer takes.
    private static readonly TimeSpan MostTime = TimeSpan.FromDays(24);

    /// <summary>How many choices, one after the other, at most.</summary>
    public int Depth { get; init; } = 8;

    /// <summary>How many states at most.</summary>
    public int States { get; init; } = 100_000;

    /// <summary>
    /// How long at most, in real time; null for as long as it takes. A search that is cut off so is the only one that may find
    /// less the next time.
    /// </summary>
    public TimeSpan? Time { get; init; }

    /// <summary>
    /// How often in one way a thread may lose the processor although it could go on. Most flaws need one or two
    /// (Musuvathi and Qadeer, "Iterative context bounding", 2007).
    /// </summary>
    public int Preemptions { get; init; }

    /// <summary>In which order states are looked at.</summary>
    public SearchStrategy Strategy { get; init; } = SearchStrategies.BreadthFirst;

    /// <summary>What random choices are drawn from.</summary>
    public int Seed { get; init; }

    /// <summary>How many processors work at it; what is found does not depend on it.</summary>
    public int Processors { get; init; } = Environment.ProcessorCount;

    /// <summary>How many ways each rule is told of in which it can be broken.</summary>
    public int FindingsPerRule { get; init; } = 4;

    /// <summary>Which part of it, where several processes share it; breadth-first only.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    /// <summary>Told now and then how far it has come: states, and the depth that it is at.</summary>
    public Action<int, int>? Progress { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A number makes no sense.</exception>
    internal SearchLimits Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Depth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(States);
        ArgumentOutOfRangeException.ThrowIfNegative(Preemptions);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Processors);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(FindingsPerRule);
        if (Time is { } time && (time < TimeSpan.Zero || time > MostTime))
        {
            throw new ArgumentOutOfRangeException(nameof(Time), time, $"{nameof(Time)} is from zero to {MostTime.TotalDays} days.");
        }

        ArgumentNullException.ThrowIfNull(Strategy);
        if (Shard.IsPart && Strategy != SearchStrategies.BreadthFirst)
        {
            throw new ArgumentException($"Only a {SearchStrategies.BreadthFirst} search has shards.", nameof(Strategy));
        }

        return new SearchLimits(Depth, States, FindingsPerRule, Processors, Seed, Shard, Progress);
    }
}
