namespace VfioPm;

/// <summary>The orders in which an exploration can look at a host's states.</summary>
public static class SearchStrategies
{
    /// <summary>
    /// All states, those that fewer choices lead to first: the first way in which a rule breaks is a shortest one.
    /// </summary>
    public static SearchStrategy BreadthFirst { get; } = new FrontierSearch("breadth-first", takesLast: false);

    /// <summary>All states, each way followed to its end first, which takes less memory.</summary>
    public static SearchStrategy DepthFirst { get; } = new FrontierSearch("depth-first", takesLast: true);

    /// <summary>Ways in which every choice is drawn, all alike.</summary>
    public static SearchStrategy RandomWalk { get; } = new WalkSearch("random", static random => new RandomWalker(random));

    /// <summary>
    /// Ways in which everybody has a drawn priority that drops a few times (Burckhardt and others, "A randomized scheduler with
    /// probabilistic guarantees of finding bugs", 2010): what needs few changes in order is found with a known probability.
    /// </summary>
    public static SearchStrategy Pct { get; } = new WalkSearch("pct", static random => new PriorityWalker(random));

    /// <summary>All strategies.</summary>
    public static IReadOnlyList<SearchStrategy> All { get; } = [BreadthFirst, DepthFirst, RandomWalk, Pct];

    /// <summary>The strategy of a name.</summary>
    /// <exception cref="ArgumentException">There is no such strategy; the message lists them.</exception>
    public static SearchStrategy Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(strategy => strategy.Name == name)
            ?? throw new ArgumentException(
                $"There is no strategy \"{name}\"; there are {string.Join(", ", All.Select(strategy => strategy.Name))}.", nameof(name));
    }
}
