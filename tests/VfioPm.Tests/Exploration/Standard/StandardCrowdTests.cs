namespace VfioPm.Tests;

/// <summary>The people of <c>vfio-pm explore</c>, and hardware that fails them.</summary>
public sealed class StandardCrowdTests
{
    // Who leaves D3hot without No_Soft_Reset was reset, and may ask to be tried again (PCI Express Base, section 6.6.1): 6.1.192 and 7.3 have
    // the wait (pci_dev_wait()), 6.12.95 does not.
    [Theory]
    [InlineData("linux-6.1", true)]
    [InlineData("linux-6.12", false)]
    [InlineData("linux-7.3", true)]
    public void pci_power_up_waits_for_a_card_that_leaves_D3hot_late(string profile, bool waits)
    {
        using SimulatedHost host = StandardTopology.Parse("a").Make(KernelProfile.Parse(profile));

        ExplorationResult result = Explore(host, depth: 3, Rules.ViewsAgree);

        result.Holds.Should().Be(waits);
        result.Findings.Select(static finding => finding.How).Distinct()
            .Should().Equal(waits ? [] : ["0000:01:00.0 is in D0, and the kernel believes D3cold"]);
    }

    // pci_bridge_wait_for_secondary_bus() looks at the first function of a bus alone.
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void Nobody_waits_for_the_second_function_of_a_card(string profile)
    {
        using SimulatedHost host = StandardTopology.Parse("f").Make(KernelProfile.Parse(profile));

        Explore(host, depth: 4, Rules.ViewsAgree).Should().Break(Rules.ViewsAgree)
            .Which.How.Should().Be("0000:01:00.1 is in D0, and the kernel believes D3cold");
    }

    // In D3hot too: it dies while its reset by way of D3hot sleeps (pci_pm_reset()).
    [Fact]
    public void A_card_that_is_dead_breaks_no_rule()
    {
        using SimulatedHost host = StandardTopology.Parse("a").Make(KernelProfile.Linux7_3);

        ExplorationResult result = Exploration.Of(host)
            .Where("vmm", host.VfioPci.Devices[0], vmm => vmm
                .Once(d => d.BeginOpen())
                .Then(d => d.Files[^1].BeginRead(0, 0, new UserMemory(4)), isPossible: static d => d.IsOpen))
            .Where("admin", host.VfioPci.Devices[0], admin => admin.Once(d => d.Pci.Sysfs.BeginWrite("reset_method", "")))
            .WithUnreliableCards()
            .Sometimes("it died in D3hot, and somebody has it", static h => h.VfioPci.Devices[0] is
            {
                IsOpen: true,
                Pci.Hardware: { PowerState: PowerState.D3Hot, IsSilent: true, AnswersAt: null },
            })
            .Always(Rules.All)
            .Run(new() { Depth = 6 });

        result.Should().HoldInEveryOrder();
    }

    [Fact]
    public void Interrupts_come_late_or_not_at_all()
    {
        using SimulatedHost host = StandardTopology.Parse("b").Make(KernelProfile.Linux7_3);
        host.VfioPci.Devices[0].Open();

        ExplorationResult result = Exploration.Of(host).WithInterrupts().WithUnreliableCards()
            .Sometimes("late", static h => IsUnseen(h, isOnTheWay: true))
            .Sometimes("lost", static h => IsUnseen(h, isOnTheWay: false))
            .Always(Rules.InterruptOwned)
            .Run(new() { Depth = 6 });

        result.Should().HoldInEveryOrder();
        static bool IsUnseen(SimulatedHost host, bool isOnTheWay) =>
            host.VfioPci.Devices[0].Pci.Hardware is { IsInterruptPinAsserted: true, IsInterruptLineAsserted: false } card
            && (card.SignalsOnTheWay > 0) == isOnTheWay;
    }

    private static ExplorationResult Explore(SimulatedHost host, int depth, Rule rule) =>
        Exploration.Of(host).WithUsers().WithUnreliableCards().Always(rule).Run(new() { Depth = depth });
}
