namespace VfioPm;

/// <summary>Chooses one way through a host.</summary>
internal abstract class Walker
{
    /// <summary>Chooses one of those that could be next.</summary>
    public abstract int Choose(Branch branch, IReadOnlyList<Choice> choices);

    /// <summary>Whether a stopped thread goes on.</summary>
    public abstract bool GoesOn();
}

/// <summary>
/// Single ways, drawn at random, each with a seed of its own: for hosts with too many states. What they find is made shorter
/// afterwards.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="makeWalker">Makes who chooses.</param>
internal sealed class WalkSearch(string name, Func<Random, Walker> makeWalker) : SearchStrategy(name)
{
    private const int Portion = 64;

    internal override void Run(Branch beginning, Search search)
    {
        for (int first = 0; search.MayGoOn; first += Portion)
        {
            var walks = new DrawnWay[Portion];
            int number = first;
            Branch[] branches = [.. walks.Select(_ => beginning.Fork())];
            search.ForEach(Portion, index => walks[index] = DrawnWay.Of(
                branches[index], makeWalker(new Random(HashCode(search.Limits.Seed, number + index))), search.Limits.Depth));
            int before = search.States;
            foreach (DrawnWay walk in walks)
            {
                search.Add(walk.Breaches);
                foreach ((ulong hash, int depth) in walk.States)
                {
                    search.Visit(hash, depth);
                }
            }

            search.Tell();
            if (search.States == before)
            {
                // Sixty-four walks that saw nothing new.
                return;
            }
        }
    }

    private static int HashCode(int seed, int walk)
    {
        StateHash hash = StateHash.Empty;
        hash.Add(seed);
        hash.Add(walk);
        return (int)hash.Value;
    }
}
