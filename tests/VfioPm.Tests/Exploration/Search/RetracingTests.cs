namespace VfioPm.Tests;

/// <summary>States that are come to again are those that were reached.</summary>
public sealed class RetracingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Ways_end_where_they_ended_in_their_order(int preemptions)
    {
        Branch beginning = Begin(preemptions);
        List<(Way Way, ulong Hash)> reached = [];
        Reach(beginning, choices: 4, reached);

        Branch[] again = [.. Retracing.Along(beginning.Fork(), [.. reached.Select(end => end.Way)])];

        reached.Count.Should().BeGreaterThan(100);
        again.Select(branch => (branch.Way, branch.ComputeHash())).Should().Equal(reached);
    }

    [Fact]
    public void Ways_share_the_choices_that_they_begin_with()
    {
        Way one = new Way(Way.Beginning, Choice.OfEvent(0));
        Way other = new Way(new Way(one, Choice.OfEvent(1)), Choice.OfEvent(2));

        Way.CountShared(other, new Way(one, Choice.OfEvent(1))).Should().Be(1);
        Way.CountShared(other, new Way(Way.Beginning, Choice.OfEvent(0))).Should().Be(0);
        Way.CountShared(one, other).Should().Be(1);
        other.Choices.Select(static choice => choice.Index).Should().Equal(0, 1, 2);
        other.Since(1).Should().Equal(other.Since(0)[1..]);
    }

    /// <summary>All ends of so many choices, one way after the other, each stop of a running thread included.</summary>
    private static void Reach(Branch branch, int choices, List<(Way Way, ulong Hash)> reached)
    {
        if (choices == 0)
        {
            reached.Add((branch.Way, branch.ComputeHash()));
            return;
        }

        for (int stop = 0; ; stop++)
        {
            foreach (Choice choice in branch.FindChoices().ToArray())
            {
                Branch next = branch.Fork();
                next.Take(choice with { Stop = branch.IsStopped ? stop : Choice.NoStop });
                Reach(next, choices - 1, reached);
            }

            if (!branch.IsStopped)
            {
                return;
            }

            branch.GoOn();
        }
    }

    private static Branch Begin(int preemptions)
    {
        var machine = new Machine(KernelProfile.Linux6_1);
        ActorSteps<VfioDeviceFile> steps = new();
        steps.Once(static d => d.BeginEnterLowPower()).Any(static d => d.Config.BeginWritePmcsrState(PowerState.D3Hot)).Once(static d => d.BeginReset());
        ActorSteps<SimulatedHost> reads = new();
        reads.Once(static host => host.Devices[1].HostConfig.BeginRead(0, new UserMemory(4)));
        Plan plan = new(
            [
                new Actor("vmm", machine.Open(), steps.MayAct, steps.Steps),
                new Actor("admin", machine.Host, reads.MayAct, reads.Steps),
            ],
            [.. Rules.All]);
        return new Branch(plan, machine.Host, preemptions);
    }
}
