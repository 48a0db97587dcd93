namespace VfioPm;

/// <summary>Assertions about a function as hardware, whatever the kernel believes of it.</summary>
public sealed class PciFunctionAssertions : SimulationAssertions<PciFunction, PciFunctionAssertions>
{
    internal PciFunctionAssertions(PciFunction function)
        : base(function)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "hardware";

    /// <summary>The hardware is in this power state: D3cold without power, else what PMCSR holds.</summary>
    public AndConstraint<PciFunctionAssertions> BeIn(
        PowerState expected, string because = "", params object[] becauseArgs) =>
        Assert(HardwareCheck.IsIn(Subject, expected), because, becauseArgs);

    /// <summary>The hardware is in any other power state.</summary>
    public AndConstraint<PciFunctionAssertions> NotBeIn(
        PowerState unexpected, string because = "", params object[] becauseArgs) =>
        Assert(HardwareCheck.IsNotIn(Subject, unexpected), because, becauseArgs);

    /// <summary>The hardware has not come to this power state, since the trace began or since a moment.</summary>
    /// <exception cref="InvalidOperationException">The host's trace is off.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The moment is to come, or before the trace begins.</exception>
    public AndConstraint<PciFunctionAssertions> HaveNeverEntered(
        PowerState unexpected, TimeSpan? since = null, string because = "", params object[] becauseArgs) =>
        Assert(HardwareCheck.NeverEntered(Subject, unexpected, since), because, becauseArgs);

    /// <summary>Configuration space answers: the hardware has power, is ready, and can be reached.</summary>
    public AndConstraint<PciFunctionAssertions> Answer(string because = "", params object[] becauseArgs) =>
        Assert(HardwareCheck.Answers(Subject), because, becauseArgs);

    /// <summary>Configuration space reads as all ones: without power, dead, not ready yet, or out of reach.</summary>
    public AndConstraint<PciFunctionAssertions> NotAnswer(string because = "", params object[] becauseArgs) =>
        Assert(HardwareCheck.IsSilent(Subject), because, becauseArgs);

    /// <summary>Nobody accessed the hardware before the time that it needs after a transition was over.</summary>
    public AndConstraint<PciFunctionAssertions> HaveBeenGivenItsTime(
        string because = "", params object[] becauseArgs) =>
        Assert(HardwareCheck.WasGivenItsTime(Subject), because, becauseArgs);

    /// <summary>A register of configuration space holds this value, whether or not it can be reached now.</summary>
    public AndConstraint<PciFunctionAssertions> HaveRegister(
        int offset, int width, uint expected, string because = "", params object[] becauseArgs) =>
        Assert(HardwareCheck.HasRegister(Subject, offset, width, expected), because, becauseArgs);
}
