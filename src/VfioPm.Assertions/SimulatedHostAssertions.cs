using FluentAssertions;
using FluentAssertions.Primitives;

namespace VfioPm;

/// <summary>Assertions about a whole host.</summary>
public sealed class SimulatedHostAssertions : ObjectAssertions<SimulatedHost, SimulatedHostAssertions>
{
    internal SimulatedHostAssertions(SimulatedHost host)
        : base(host)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "host";

    /// <summary>No device leaked a usage count since the baseline.</summary>
    public AndConstraint<SimulatedHostAssertions> BeBalancedSince(
        UsageBaseline baseline, string because = "", params object[] becauseArgs)
    {
        StateCheck.Balance(Subject.RuntimePm, baseline).Report(because, becauseArgs);
        return new AndConstraint<SimulatedHostAssertions>(this);
    }
}
