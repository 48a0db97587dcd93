using FluentAssertions;
using FluentAssertions.Primitives;

namespace VfioPm;

/// <summary>Assertions about a function as the kernel sees it.</summary>
public sealed class PciDeviceAssertions : ObjectAssertions<PciDevice, PciDeviceAssertions>
{
    internal PciDeviceAssertions(PciDevice device)
        : base(device)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "function";

    /// <summary>The kernel believes the function to be in this power state (sysfs <c>power_state</c>).</summary>
    public AndConstraint<PciDeviceAssertions> BeIn(
        PowerState expected, string because = "", params object[] becauseArgs) =>
        Report(StateCheck.PowerState(Subject, expected), because, becauseArgs);

    /// <summary>So many users hold the function active (<c>power/runtime_usage</c>).</summary>
    public AndConstraint<PciDeviceAssertions> HaveUsageCount(
        int expected, string because = "", params object[] becauseArgs) =>
        Report(StateCheck.UsageCount(Subject.RuntimePm, expected), because, becauseArgs);

    /// <summary>The function is active, suspended, or on its way (<c>power/runtime_status</c>).</summary>
    public AndConstraint<PciDeviceAssertions> HaveRuntimeStatus(
        RuntimeStatus expected, string because = "", params object[] becauseArgs) =>
        Report(StateCheck.RuntimeStatus(Subject.RuntimePm, expected), because, becauseArgs);

    /// <summary>The function's latest power states were these, oldest first, the present one last.</summary>
    /// <exception cref="InvalidOperationException">The host's trace is off.</exception>
    public AndConstraint<PciDeviceAssertions> HaveGone(params PowerState[] expected) =>
        Report(StateCheck.PowerStates(Subject, expected), because: "", []);

    /// <summary>The function has been in this power state, without a break, since a moment.</summary>
    /// <exception cref="InvalidOperationException">The host's trace is off.</exception>
    public AndConstraint<PciDeviceAssertions> HaveStayedIn(
        PowerState expected, TimeSpan since, string because = "", params object[] becauseArgs) =>
        Report(StateCheck.PowerStateSince(Subject, expected, since), because, becauseArgs);

    private AndConstraint<PciDeviceAssertions> Report(Verdict verdict, string because, object[] becauseArgs)
    {
        verdict.Report(because, becauseArgs);
        return new AndConstraint<PciDeviceAssertions>(this);
    }
}
