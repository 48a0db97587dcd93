namespace VfioPm.AnyCalls;

/// <summary>What people do with a host, in any order (<see cref="Citizens"/>).</summary>
internal sealed record CitizenTrial : Trial
{
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

        citizens.End();
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

        citizens.End();
        yield return citizens.Story;
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
