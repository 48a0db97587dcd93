namespace VfioPm.Tests;

/// <summary><c>interrupt-owned</c> where hardware, or the kernel as a whole, is to blame.</summary>
public sealed class InterruptRulesTests
{
    private const string Enable = "irq: Files[^1].BeginEnableIrqs(VfioIrqIndex.Intx, new EventFd())";
    private const string Assert = "card: Pci.Hardware.AssertInterrupt()";

    // A function that was reset as it left D3hot has its pin unmasked, and its driver denies that it is its own until it is restored:
    // __report_bad_irq(), poll_spurious_irqs().
    [Theory]
    [MemberData(nameof(ReleasedKernels.WithLowPower), MemberType = typeof(ReleasedKernels))]
    public void A_line_that_the_kernel_polls_has_somebody_to_take_it(string profile)
    {
        ExplorationResult result = Replay(
            profile,
            $"{Enable}; vmm: Files[^1].BeginEnterLowPower(); time passes; vmm: Files[^1].BeginExitLowPower(); {Assert};"
                + $" card: Pci.Hardware.DeassertInterrupt(); 0000:01:00.0: PciPm.PowerUp goes on; {Assert}");

        result.Findings.Select(static finding => finding.Rule.Id).Should().Equal("nobody polls");
    }

    [Fact]
    public void One_that_was_lost_is_nobodys_fault()
    {
        ExplorationResult result = Replay("linux-7.3", $"{Enable}; fault: Pci.Hardware.HoldSignals(); {Assert}; fault: Pci.Hardware.LoseSignals()");

        result.Should().HoldInEveryOrder();
    }

    private static ExplorationResult Replay(string profile, string schedule)
    {
        using SimulatedHost host = StandardTopology.Parse("a").Make(KernelProfile.Parse(profile));
        host.VfioPci.Devices[0].Open();
        return Exploration.Of(host).WithUsers().WithInterrupts().WithUnreliableCards()
            .Always(Rules.InterruptOwned)
            .Always("nobody polls", static h => h["0000:01:00.0"].InterruptLine is not { IsPolled: true })
            .Replay(Schedule.Parse(schedule));
    }
}
