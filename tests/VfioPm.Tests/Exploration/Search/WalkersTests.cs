namespace VfioPm.Tests;

/// <summary>Searches that draw their ways.</summary>
public sealed class WalkersTests
{
    public static TheoryData<string> Drawing => [SearchStrategies.RandomWalk.Name, SearchStrategies.Pct.Name];

    // What is the only choice has a priority too, when it is dropped.
    [Theory]
    [MemberData(nameof(Drawing))]
    public void There_may_be_one_choice_alone(string strategy)
    {
        using SimulatedHost host = StandardTopology.Parse("b").Make(KernelProfile.Linux7_3);

        for (int seed = 0; seed < 20; seed++)
        {
            ExplorationResult result = Exploration.Of(host)
                .Where("vmm", host.VfioPci.Devices[0], static vmm => vmm.Once(d => d.BeginOpen()))
                .Sometimes("it is open", static h => h.VfioPci.Devices[0].IsOpen)
                .Run(new() { Strategy = SearchStrategies.Parse(strategy), Seed = seed, Preemptions = 2, Depth = 12, States = 200 });

            result.Should().HoldInEveryOrder();
        }
    }
}
