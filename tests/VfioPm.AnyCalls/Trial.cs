namespace VfioPm.AnyCalls;

/// <summary>A sequence of calls on a host that a seed makes, and what holds of it.</summary>
/// <param name="Profile">Which kernel.</param>
/// <param name="Seed">Which machine, and how it is looked at.</param>
/// <param name="Numbers">The calls.</param>
internal sealed record Trial(KernelProfile Profile, int Seed, IReadOnlyList<int> Numbers)
{
    // Pictures take longer than the calls that they show.
    private const int DrawnEvery = 30;

    private enum Kind
    {
        /// <summary>Made once.</summary>
        Once,

        /// <summary>Made again from the beginning: the same comes of each call, and of the host.</summary>
        Again,

        /// <summary>The host is forked in the middle: the same comes of the rest.</summary>
        Forked,
    }

    public static Trial Of(KernelProfile profile, int seed, int length)
    {
        Random random = new(seed);
        return new(profile, seed, [.. Enumerable.Range(0, length).Select(_ => random.Next())]);
    }

    /// <returns>What is wrong, or null.</returns>
    public string? Run() => (Kind)(Seed % 3) switch
    {
        Kind.Once => RunOnce(),
        Kind.Again => RunAgain(),
        _ => RunForked(),
    };

    /// <summary>With as few calls as it takes.</summary>
    public Trial Shorten(string problem)
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

    /// <summary>What is wrong, and the calls that it takes.</summary>
    public string Explain(string problem)
    {
        Trial shortest = Shorten(problem);
        return string.Join("\n    ", [$"{Profile}, seed {Seed}: {shortest.Run() ?? problem}", .. shortest.Tell()]);
    }

    /// <summary>The calls and what came of each.</summary>
    public IEnumerable<string> Tell()
    {
        World world = Begin();
        foreach (int number in Numbers)
        {
            Outcome outcome = world.Do(number, tells: true);
            yield return outcome.Text.Length == 0 ? "(nothing)" : outcome.Text;
        }
    }

    /// <summary>The first line, which two failures of one cause have in common.</summary>
    public static string Headline(string problem) => problem.Split('\n')[0];

    private World Begin() => new(Machines.Make(Profile, new Random(Seed)));

    private string? RunOnce()
    {
        World world = Begin();
        foreach (int number in Numbers)
        {
            if (Do(world, number, tells: false, out _) is { } problem)
            {
                return problem;
            }
        }

        return Seed % DrawnEvery == 0 ? FindUndrawable(world.Host) : null;
    }

    private string? RunAgain()
    {
        World first = Begin();
        World second = Begin();
        return RunBoth(first, second, Numbers) ?? CompareTraces(first, second);
    }

    private string? RunForked()
    {
        World first = Begin();
        int middle = Numbers.Count / 3;
        for (int i = 0; i < middle; i++)
        {
            if (Do(first, Numbers[i], tells: false, out _) is { } problem)
            {
                return problem;
            }
        }

        if (first.HasTimers)
        {
            return null;
        }

        World second = first.Fork();
        return first.Host.ComputeStateHash() != second.Host.ComputeStateHash() ? "a fork has another hash"
            : RunBoth(first, second, [.. Numbers.Skip(middle)]) ?? CompareTraces(first, second);
    }

    private static string? RunBoth(World first, World second, IReadOnlyList<int> numbers)
    {
        foreach (int number in numbers)
        {
            string? problem = Do(first, number, tells: true, out string one) ?? Do(second, number, tells: true, out string other)
                ?? (one != other ? $"what is repeated gives something else\n  {one}\n  {other}" : null);
            if (problem is not null)
            {
                return problem;
            }

            if (first.Hash != second.Hash)
            {
                return $"what is repeated has another hash\n  {one}";
            }
        }

        return null;
    }

    private static string? Do(World world, int number, bool tells, out string told)
    {
        Outcome outcome = world.Do(number, tells);
        told = outcome.Text;
        string? problem = outcome.Problem ?? world.Problem ?? Invariants.FindBroken(world.Host);
        if (problem is not null)
        {
            return problem;
        }

        try
        {
            return world.HasChanged() && outcome.Refused is ArgumentException && !world.WasCalledBack
                ? $"a refused call changed the host\n  {outcome.Refused}"
                : null;
        }
        catch (Exception thrown)
        {
            return $"the hash threw\n  {thrown}";
        }
    }

    private static string? CompareTraces(World first, World second) =>
        first.Host.Trace.ToString() != second.Host.Trace.ToString() ? "what is repeated has another trace"
        : first.Host.Log.ToString() != second.Host.Log.ToString() ? "what is repeated has another log"
        : null;

    private static string? FindUndrawable(SimulatedHost host)
    {
        try
        {
            Picture picture = host.Trace.ToPicture();
            foreach (PictureFormat format in PictureFormat.All)
            {
                picture.To(format);
            }

            host.Trace.ToJson();
            return null;
        }
        catch (Exception thrown)
        {
            return $"the trace cannot be drawn\n  {thrown}";
        }
    }
}
