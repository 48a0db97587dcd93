namespace VfioPm;

/// <summary>Assertions about what happened on a host.</summary>
public sealed class HostTraceAssertions : SimulationAssertions<HostTrace, HostTraceAssertions>
{
    internal HostTraceAssertions(HostTrace trace)
        : base(trace)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "trace";

    /// <summary>Functions came to these power states in this order, with anything in between.</summary>
    /// <exception cref="ArgumentException">Nothing is expected, or something of a device of another host.</exception>
    public AndConstraint<HostTraceAssertions> HaveSeenInOrder(params (PciDevice Device, PowerState State)[] expected) =>
        HaveSeenInOrder(expected, because: "");

    /// <inheritdoc cref="HaveSeenInOrder(ValueTuple{PciDevice, PowerState}[])"/>
    public AndConstraint<HostTraceAssertions> HaveSeenInOrder(
        (PciDevice Device, PowerState State)[] expected, string because, params object[] becauseArgs) =>
        Assert(TraceCheck.HasSeenInOrder(Subject, expected), because, becauseArgs);

    /// <summary>
    /// These things happened to functions in this order, in the words of the timeline ("D3hot → D3cold", "opened",
    /// "usage 1 → 0", "guest reads D3hot"), with anything in between.
    /// </summary>
    /// <exception cref="ArgumentException">Nothing is expected, or something of a device of another host.</exception>
    public AndConstraint<HostTraceAssertions> HaveSeenInOrder(params (PciDevice Device, string What)[] expected) =>
        HaveSeenInOrder(expected, because: "");

    /// <inheritdoc cref="HaveSeenInOrder(ValueTuple{PciDevice, string}[])"/>
    public AndConstraint<HostTraceAssertions> HaveSeenInOrder(
        (PciDevice Device, string What)[] expected, string because, params object[] becauseArgs) =>
        Assert(TraceCheck.HasSeenInOrder(Subject, expected), because, becauseArgs);
}
