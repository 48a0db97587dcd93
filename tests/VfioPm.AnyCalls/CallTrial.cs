namespace VfioPm.AnyCalls;

/// <summary>Calls of whatever is public, in any order.</summary>
internal sealed record CallTrial : Trial
{
    // Pictures take longer than the calls that they show.
    private const int DrawnEvery = 30;

    public CallTrial(KernelProfile profile, int seed, int length)
        : base(profile, seed, Draw(seed, length))
    {
    }

    private enum Kind
    {
        /// <summary>Made once.</summary>
        Once,

        /// <summary>Made again from the beginning: the same comes of each call, and of the host.</summary>
        Again,

        /// <summary>The host is forked in the middle: the same comes of the rest.</summary>
        Forked,
    }

    /// <inheritdoc/>
    public override string? Run() => (Kind)(Seed % 3) switch
    {
        Kind.Once => RunOnce(),
        Kind.Again => RunAgain(),
        _ => RunForked(),
    };

    /// <inheritdoc/>
    public override IEnumerable<string> Tell()
    {
        World world = Begin();
        foreach (int number in Numbers)
        {
            Outcome outcome = world.Do(number, tells: true);
            yield return outcome.Text.Length == 0 ? "(nothing)" : outcome.Text;
        }
    }

    /// <summary>A kernel that can have character devices has them.</summary>
    private World Begin()
    {
        bool isNew = Profile == KernelProfile.Linux6_12 || Profile == KernelProfile.Linux7_3;
        return new World(Machines.Make(isNew ? Profile.WithDeviceCdev() : Profile, new Random(Seed)));
    }

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
