namespace VfioPm.AnyCalls;

/// <summary>What people do with a host, in any order (<see cref="Citizens"/>).</summary>
internal sealed record CitizenTrial : Trial
{
    // Otherwise they go home.
    private const int ShutDownEvery = 5;

    public CitizenTrial(KernelProfile profile, int seed, int length)
        : base(profile, seed, Draw(seed, length))
    {
    }

    /// <inheritdoc/>
    public override string? Run()
    {
        Citizens citizens = Begin();
        foreach (int number in Numbers)
        {
            citizens.Do(number);
        }

        End(citizens);
        return citizens.Thrown is { } thrown ? $"a call threw {thrown.GetType().Name}\n  {thrown}"
            : citizens.Broken is [(Rule rule, string how), ..] ? $"{rule} is broken\n  {how}" : null;
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Tell()
    {
        Citizens citizens = Begin();
        yield return citizens.Machine;
        foreach (int number in Numbers)
        {
            yield return citizens.Do(number);
        }

        End(citizens);
        yield return citizens.Story;
    }

    private void End(Citizens citizens)
    {
        if (Seed % ShutDownEvery == 0)
        {
            citizens.ShutDown(startsKernel: Seed % 2 == 0);
        }
        else
        {
            citizens.End();
        }
    }

    private Citizens Begin()
    {
        Random random = new(Seed);
        int kind = random.Next(StandardTopology.All.Count + 1);
        return kind == StandardTopology.All.Count
            ? new Citizens(Machines.MakeWithSlot(Profile), "a slot")
            : new Citizens(StandardTopology.All[kind].Make(Profile), StandardTopology.All[kind].Name);
    }
}
