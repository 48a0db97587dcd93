namespace VfioPm;

/// <summary>Assertions about a whole host.</summary>
public sealed class SimulatedHostAssertions : SimulationAssertions<SimulatedHost, SimulatedHostAssertions>
{
    internal SimulatedHostAssertions(SimulatedHost host)
        : base(host)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "host";

    /// <summary>No device has leaked a usage count since the baseline, or lost one.</summary>
    /// <exception cref="ArgumentException">The baseline was taken of another host.</exception>
    public AndConstraint<SimulatedHostAssertions> BeBalancedSince(
        UsageBaseline baseline, string because = "", params object[] becauseArgs) =>
        Assert(HostCheck.IsBalanced(Subject.RuntimePm, baseline), because, becauseArgs);

    /// <summary>Nothing is pending: no timer, no queued work, nobody who waits.</summary>
    public AndConstraint<SimulatedHostAssertions> HaveNothingPending(
        string because = "", params object[] becauseArgs) =>
        Assert(HostCheck.HasNothingPending(Subject.RuntimePm), because, becauseArgs);
}
