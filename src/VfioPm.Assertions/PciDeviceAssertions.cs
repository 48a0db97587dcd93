namespace VfioPm;

/// <summary>Assertions about a function, or a port, as the kernel sees it.</summary>
public sealed class PciDeviceAssertions : RuntimePmAssertions<PciDevice, PciDeviceAssertions>
{
    internal PciDeviceAssertions(PciDevice device)
        : base(device)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "function";

    private protected override RuntimePmDevice Device => Subject.RuntimePm;

    /// <summary>The kernel believes the function to be in this power state (sysfs <c>power_state</c>).</summary>
    public AndConstraint<PciDeviceAssertions> BeIn(
        PowerState expected, string because = "", params object[] becauseArgs) =>
        Assert(PciDeviceCheck.IsIn(Subject, expected), because, becauseArgs);

    /// <summary>The kernel believes the function to be in any other power state.</summary>
    public AndConstraint<PciDeviceAssertions> NotBeIn(
        PowerState unexpected, string because = "", params object[] becauseArgs) =>
        Assert(PciDeviceCheck.IsNotIn(Subject, unexpected), because, becauseArgs);

    /// <summary>The function's latest power states were these, oldest first, the present one last.</summary>
    /// <exception cref="InvalidOperationException">The host's trace is off.</exception>
    /// <exception cref="ArgumentException">No state is expected, which would hold whatever happened.</exception>
    public AndConstraint<PciDeviceAssertions> HaveGone(params PowerState[] expected) =>
        HaveGone(expected, because: "");

    /// <inheritdoc cref="HaveGone(PowerState[])"/>
    public AndConstraint<PciDeviceAssertions> HaveGone(
        PowerState[] expected, string because, params object[] becauseArgs) =>
        Assert(PciDeviceCheck.Went(Subject, expected), because, becauseArgs);

    /// <summary>The function has been in this power state, without a break, since a moment.</summary>
    /// <exception cref="InvalidOperationException">The host's trace is off.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The moment is to come, or before the trace begins.</exception>
    public AndConstraint<PciDeviceAssertions> HaveStayedIn(
        PowerState expected, TimeSpan since, string because = "", params object[] becauseArgs) =>
        Assert(PciDeviceCheck.StayedIn(Subject, expected, since), because, becauseArgs);

    /// <summary>The kernel has not seen the function come to this power state, since the trace began or since a moment.</summary>
    /// <exception cref="InvalidOperationException">The host's trace is off.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The moment is to come, or before the trace begins.</exception>
    public AndConstraint<PciDeviceAssertions> HaveNeverEntered(
        PowerState unexpected, TimeSpan? since = null, string because = "", params object[] becauseArgs) =>
        Assert(PciDeviceCheck.NeverEntered(Subject, unexpected, since), because, becauseArgs);
}
