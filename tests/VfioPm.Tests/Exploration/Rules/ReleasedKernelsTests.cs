namespace VfioPm.Tests;

/// <summary>
/// Flaws that were in released kernels until 2026, under each profile whose source has them, and not where the cure is in
/// (<c>docs/review-findings.md</c>).
/// </summary>
public sealed class ReleasedKernelsTests
{
    /// <summary>Fixes: f4162eb1e2fc. The recorded 6.1.192 has the cure, the recorded 6.12.95 does not.</summary>
    [Theory]
    [InlineData("rfc-v4", true)]
    [InlineData("rfc-v5", true)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-7.3", false)]
    public void Memory_lock_is_held_while_virtual_functions_are_enabled(string profile, bool isFlawed)
    {
        SimulatedHost host = Make("sriov", profile);
        ExplorationResult result = Exploration.Of(host)
            .Where("vmm", host.VfioPci.Devices[0], vmm => vmm.Once(d => d.BeginOpen()))
            .Where("admin", host.Devices[1], admin => admin.Once(f => f.Sysfs.BeginWrite("sriov_numvfs", "2")))
            .Always(Rules.LockOrder)
            .Run(new() { Depth = 5, States = 500 });

        ShouldBreak(result, isFlawed, Rules.LockOrder, "possible circular locking dependency: dev_set->lock -> memory_lock -> dev_set->lock");
    }

    /// <summary>Fixes: 7ab5e10eda02 (5.19), which took the RFC's counting. Before it nothing was counted.</summary>
    [Theory]
    [InlineData("rfc-v1", true)]
    [InlineData("rfc-v2", true)]
    [InlineData("rfc-v3", true)]
    [InlineData("rfc-v4", true)]
    [InlineData("rfc-v5", true)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-5.10", false)]
    [InlineData("pre-rfc", false)]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-7.3", false)]
    public void Idle_D3_is_disabled_while_a_device_is_bound(string profile, bool isFlawed)
    {
        SimulatedHost host = Make("b", profile);
        ExplorationResult result = Exploration.Of(host)
            .Where("vmm", host.VfioPci.Devices[0], vmm => vmm
                .Once(d => d.BeginOpen())
                .Then(d => d.Files[^1].BeginClose(), isPossible: d => d.IsOpen))
            .Where("admin", host, admin => admin.Once(h => h.VfioPci.Reload(new() { DisableIdleD3 = true })))
            .Always(Rules.UsageBalanced)
            .Run(new() { Depth = 6, States = 500 });

        ShouldBreak(result, isFlawed, Rules.UsageBalanced, "0000:01:00.0 is unused with a usage count of 1, and it was 0");
    }

    /// <summary>Fixes: 9cd0f6d5cbb6 (6.4): before it each flag had a byte of its own, as it has again.</summary>
    [Theory]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-7.3", false)]
    [InlineData("rfc-v5", false)]
    public void Flags_share_a_word(string profile, bool isFlawed)
    {
        SimulatedHost host = Make("b", profile);
        host.VfioPci.Devices[0].Open();
        ExplorationResult result = Exploration.Of(host)
            .Where("vmm", host.VfioPci.Devices[0].Files[0], vmm => vmm.Once(f => f.BeginEnterLowPower()))
            .Where("guest", host.VfioPci.Devices[0].Files[0], guest => guest.Once(
                f => f.BeginWrite(VfioRegion.Configuration, PciRegisters.Command, new UserMemory(6, 4)), name: "DisINTx"))
            .Always(Rules.NoLostUpdate)
            .Run(new() { Depth = 6, Preemptions = 1, States = 500 });

        ShouldBreak(
            result,
            isFlawed,
            Rules.NoLostUpdate,
            "what a thread wrote in pm_runtime_engaged of 0000:01:00.0 was undone by another, which had read the word before");
        result.IsComplete.Should().BeTrue();
    }

    /// <summary>Without a processor that is taken away between load and store nothing is lost.</summary>
    [Fact]
    public void Flags_of_one_word_are_safe_where_no_thread_is_interrupted()
    {
        SimulatedHost host = Make("b", "linux-6.12");
        host.VfioPci.Devices[0].Open();

        Exploration.Of(host).WithUsers().Always(Rules.NoLostUpdate).Run(new() { Depth = 4, States = 2_000 }).Should().HoldInEveryOrder();
    }

    private static SimulatedHost Make(string topology, string profile) => StandardTopology.Parse(topology).Make(KernelProfile.Parse(profile));

    private static void ShouldBreak(ExplorationResult result, bool isFlawed, Rule rule, string how)
    {
        if (isFlawed)
        {
            result.Should().Break(rule).Which.How.Should().StartWith(how);
        }
        else
        {
            result.Should().HoldInEveryOrder();
        }
    }
}
