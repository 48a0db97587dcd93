using FluentAssertions;
using FluentAssertions.Primitives;

namespace VfioPm;

/// <summary>Assertions about what happened on a host.</summary>
public sealed class HostTraceAssertions : ObjectAssertions<HostTrace, HostTraceAssertions>
{
    internal HostTraceAssertions(HostTrace trace)
        : base(trace)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "trace";

    /// <summary>Functions came to these power states in this order, with anything in between.</summary>
    public AndConstraint<HostTraceAssertions> HaveSeenInOrder(params (PciDevice Device, PowerState State)[] expected)
    {
        StateCheck.Order(Subject, expected).Report(because: "", []);
        return new AndConstraint<HostTraceAssertions>(this);
    }
}
