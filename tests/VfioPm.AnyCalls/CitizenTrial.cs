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
        (Rule? rule, string? how) = citizens.Broken.FirstOrDefault(broken => !KernelFaults.Has(Profile, broken.Rule));
        return rule is null ? null : $"{rule} is broken\n  {how}";
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

        yield return citizens.Story;
    }

    private Citizens Begin()
    {
        Random random = new(Seed);
        StandardTopology topology = StandardTopology.All[random.Next(StandardTopology.All.Count)];
        return new Citizens(topology.Make(Profile), topology.Name);
    }
}
