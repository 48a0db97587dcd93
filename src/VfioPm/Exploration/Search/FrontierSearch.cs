namespace VfioPm;

/// <summary>
/// A search through all states: those that were reached and not yet looked beyond are its frontier. They are taken in
/// portions, each worked at by all processors and put together in order, so that what is found does not depend on how many
/// there are. Kept of each is only the way that led there.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="takesLast">Whether those that were reached last come first.</param>
internal sealed class FrontierSearch(string name, bool takesLast) : SearchStrategy(name)
{
    private const int Portion = 128;

    // So many one after the other share most of their ways.
    private const int Stretch = 32;

    // So many states for each shard, when the frontier is shared out, make the shards about equal.
    private const int LeastShare = 16;

    internal override void Run(Branch beginning, Search search)
    {
        LinkedList<Way> frontier = new([beginning.Way]);
        search.Visit(beginning.ComputeHash(), beginning.Way.Depth);
        bool isShared = search.Limits.Shard.IsPart;
        while (frontier.Count > 0 && search.MayGoOn)
        {
            if (isShared && IsWide(frontier, search.Limits.Shard.Count))
            {
                Keep(frontier, search.Limits.Shard);
                isShared = false;
                continue;
            }

            Look(beginning, Take(frontier), frontier, search);
            search.Tell();
        }

        search.IsComplete = frontier.Count == 0;
    }

    /// <summary>Looks beyond a portion, and adds what is new.</summary>
    private static void Look(Branch beginning, Way[] portion, LinkedList<Way> frontier, Search search)
    {
        Way[][] stretches = [.. portion.Chunk(Stretch)];
        Branch[] beginnings = [.. stretches.Select(_ => beginning.Fork())];
        var expansions = new Expansion[portion.Length];
        search.ForEach(stretches.Length, stretch =>
        {
            int place = stretch * Stretch;
            foreach (Branch branch in Retracing.Along(beginnings[stretch], stretches[stretch]))
            {
                expansions[place++] = Expansion.Of(branch, search);
            }
        });
        foreach (Expansion expansion in expansions)
        {
            search.Add(expansion.Breaches);
            foreach (Child child in expansion.Children)
            {
                if (search.Visit(child.Hash, child.Way.Depth) && child.IsLooked)
                {
                    frontier.AddLast(child.Way);
                }
            }
        }
    }

    /// <summary>Whether all of it is equally far from the beginning, and enough for all shards.</summary>
    private static bool IsWide(LinkedList<Way> frontier, int shards) =>
        frontier.First!.Value.Depth == frontier.Last!.Value.Depth && frontier.Count >= LeastShare * shards;

    /// <summary>Leaves the others what is theirs. What led here every shard has seen.</summary>
    private static void Keep(LinkedList<Way> frontier, Shard shard)
    {
        Way[] all = [.. frontier];
        frontier.Clear();
        for (int index = shard.Index; index < all.Length; index += shard.Count)
        {
            frontier.AddLast(all[index]);
        }
    }

    /// <summary>The next ones, all equally far from the beginning where they are taken in that order.</summary>
    private Way[] Take(LinkedList<Way> frontier)
    {
        List<Way> portion = [];
        while (portion.Count < Portion && (takesLast ? frontier.Last : frontier.First) is { } next
            && (takesLast || portion.Count == 0 || next.Value.Depth == portion[0].Depth))
        {
            portion.Add(next.Value);
            frontier.Remove(next);
        }

        return [.. portion];
    }
}
