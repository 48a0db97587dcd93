namespace VfioPm.AnyCalls;

/// <summary>A sequence of things that are done to a host that a seed makes, and what holds of it.</summary>
/// <param name="Profile">Which kernel.</param>
/// <param name="Seed">Which machine, and how it is looked at.</param>
/// <param name="Numbers">What is done.</param>
internal abstract record Trial(KernelProfile Profile, int Seed, IReadOnlyList<int> Numbers)
{
    /// <returns>What is wrong, or null.</returns>
    public abstract string? Run();

    /// <summary>What is done, and what came of each.</summary>
    public abstract IEnumerable<string> Tell();

    /// <summary>What is wrong, and as little as it takes.</summary>
    public string Explain(string problem)
    {
        Trial shortest = Shorten(problem);
        return string.Join("\n    ", [$"{Profile}, seed {Seed}: {shortest.Run() ?? problem}", .. shortest.Tell()]);
    }

    /// <summary>The first line, which two failures of one cause have in common.</summary>
    public static string Headline(string problem) => problem.Split('\n')[0];

    /// <summary>What a seed says is done.</summary>
    protected static IReadOnlyList<int> Draw(int seed, int length)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next())];
    }

    private Trial Shorten(string problem)
    {
        Trial shortest = this;
        for (int size = Math.Max(1, Numbers.Count / 2); size > 0; size /= 2)
        {
            for (int at = 0; at + size <= shortest.Numbers.Count;)
            {
                Trial fewer = shortest with { Numbers = [.. shortest.Numbers.Take(at), .. shortest.Numbers.Skip(at + size)] };
                if (fewer.Run() is { } same && Headline(same) == Headline(problem))
                {
                    shortest = fewer;
                }
                else
                {
                    at += size;
                }
            }
        }

        return shortest;
    }
}
