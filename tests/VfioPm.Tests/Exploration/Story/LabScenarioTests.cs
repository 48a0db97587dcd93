namespace VfioPm.Tests;

/// <summary>A counterexample as a scenario that a real kernel can play.</summary>
public sealed class LabScenarioTests : IDisposable
{
    private const string Card = "0000:01:00.0";

    private readonly SimulatedHost _host = StandardTopology.Parse("b").Make(KernelProfile.RfcV1);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_scenario_breaks_the_rule_that_the_exploration_broke()
    {
        Counterexample found = Exploration.Of(_host).WithUsers().Always(Rules.FenceHolds).Run(new() { Depth = 4 })
            .Should().Break(Rules.FenceHolds).Which;

        ScenarioTopology machine = ScenarioTopology.Named("b");
        using SimulatedHost host = machine.CreateHost(KernelProfile.RfcV1);
        var console = new ScenarioHost(host, machine.Functions);
        RuleWatch watch = Rules.FenceHolds.Begin(host);
        var moment = new Moment(host);
        List<string?> broken = [];
        foreach (ScenarioStep step in Scenario.Parse("found.sc", found.Scenario!).Steps)
        {
            console.Do(step).Obstacle.Should().BeNull("{0} can be tried", step.Text);
            moment.Look();
            broken.Add(watch.Look(moment));
        }

        broken.Should().Contain(found.How);
    }

    [Fact]
    public void What_is_done_in_the_middle_of_anothers_call_is_in_a_par()
    {
        VfioDeviceFile file = _host.VfioPci.Devices[0].Open();
        Counterexample met = Meet(file, new());

        LinesOf(met).Should().Equal(
            $"bind {Card}", $"open {Card} again", "sleep 3000", $"par {{ reset {Card} }} {{ sleep 1 ; host_cfg_read {Card} 0 64 }}");
    }

    [Fact]
    public void How_long_nobody_did_anything_is_slept()
    {
        VfioDeviceFile file = _host.VfioPci.Devices[0].Open();
        Counterexample slept = Exploration.Of(_host)
            .Where("guest", file, guest => guest
                .Once(d => d.Config.BeginWritePmcsrState(PowerState.D3Hot), operation: $"cfg_write {Card} PM+4 0300")
                .Then(d => d.Config.BeginWritePmcsrState(PowerState.D0), operation: $"cfg_write {Card} PM+4 0000"))
            .Always("it never comes back", h => !(h.Clock.Now > _host.Clock.Now + TimeSpan.FromSeconds(1) && h[Card].RuntimeStatus == RuntimeStatus.Active))
            .Run(new() { Depth = 4 }).Findings[0];

        LinesOf(slept)[^3..].Should().SatisfyRespectively(
            line => line.Should().Be($"cfg_write {Card} PM+4 0300"),
            line => int.Parse(line["sleep ".Length..], System.Globalization.CultureInfo.InvariantCulture).Should().BeInRange(1_000, 10_000),
            line => line.Should().Be($"cfg_write {Card} PM+4 0000"));
    }

    [Fact]
    public void There_is_none_where_a_thread_is_interrupted_in_its_call()
    {
        using SimulatedHost host = StandardTopology.Parse("b").Make(KernelProfile.Linux6_1);
        VfioDeviceFile file = host.VfioPci.Devices[0].Open();
        Counterexample met = Exploration.Of(host)
            .Where("vmm", file, vmm => vmm.Once(d => d.BeginEnterLowPower(), operation: $"feature {Card} set 3"))
            .Where("guest", file, guest => guest.Once(d => d.BeginRead(0, 0, new UserMemory(4)), operation: $"bar_read {Card} 0 0 4"))
            .Always("they never meet", static h => h.Kernel.Threads.Count(static thread => !thread.IsWorker) < 2)
            .Run(new() { Preemptions = 2 }).Findings[0];

        met.Schedule.ToString().Should().Contain("@");
        met.Scenario.Should().BeNull();
    }

    [Fact]
    public void There_is_none_where_a_step_has_no_operation()
    {
        VfioDeviceFile file = _host.VfioPci.Devices[0].Open();

        Meet(file, new(), hasOperation: false).Scenario.Should().BeNull();
    }

    private Counterexample Meet(VfioDeviceFile file, ExplorationOptions options, bool hasOperation = true) => Exploration.Of(_host)
        .Where("vmm", file, vmm => vmm.Once(d => d.BeginReset(), operation: $"reset {Card}"))
        .Where("admin", _host[Card], admin => admin.Once(
            d => d.HostConfig.BeginRead(0, new UserMemory(64)), operation: hasOperation ? $"host_cfg_read {Card} 0 64" : null))
        .Always("they never meet", static h => h.Kernel.Threads.Count < 2)
        .Run(options).Findings[0];

    private static string[] LinesOf(Counterexample found) =>
        [.. found.Scenario!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => !line.StartsWith('#'))];
}
