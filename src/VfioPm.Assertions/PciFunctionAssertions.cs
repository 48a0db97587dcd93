using FluentAssertions;
using FluentAssertions.Primitives;

namespace VfioPm;

/// <summary>Assertions about a function as hardware, whatever the kernel believes of it.</summary>
public sealed class PciFunctionAssertions : ObjectAssertions<PciFunction, PciFunctionAssertions>
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
        Report(StateCheck.HardwareState(Subject, expected), because, becauseArgs);

    /// <summary>A register of configuration space holds this value, whether or not it can be reached now.</summary>
    public AndConstraint<PciFunctionAssertions> HaveRegister(
        int offset, int width, uint expected, string because = "", params object[] becauseArgs) =>
        Report(StateCheck.HardwareRegister(Subject, offset, width, expected), because, becauseArgs);

    private AndConstraint<PciFunctionAssertions> Report(Verdict verdict, string because, object[] becauseArgs)
    {
        verdict.Report(because, becauseArgs);
        return new AndConstraint<PciFunctionAssertions>(this);
    }
}
