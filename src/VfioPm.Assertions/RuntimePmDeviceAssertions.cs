using FluentAssertions;
using FluentAssertions.Primitives;

namespace VfioPm;

/// <summary>Assertions about a device as the runtime-PM core sees it.</summary>
public sealed class RuntimePmDeviceAssertions : ObjectAssertions<RuntimePmDevice, RuntimePmDeviceAssertions>
{
    internal RuntimePmDeviceAssertions(RuntimePmDevice device)
        : base(device)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "device";

    /// <summary>So many users hold the device active.</summary>
    public AndConstraint<RuntimePmDeviceAssertions> HaveUsageCount(
        int expected, string because = "", params object[] becauseArgs) =>
        Report(StateCheck.UsageCount(Subject, expected), because, becauseArgs);

    /// <summary>The device is active, suspended, or on its way.</summary>
    public AndConstraint<RuntimePmDeviceAssertions> HaveRuntimeStatus(
        RuntimeStatus expected, string because = "", params object[] becauseArgs) =>
        Report(StateCheck.RuntimeStatus(Subject, expected), because, becauseArgs);

    /// <summary>Every get since the baseline was answered by a put, and the other way round.</summary>
    public AndConstraint<RuntimePmDeviceAssertions> BeBalancedSince(
        UsageBaseline baseline, string because = "", params object[] becauseArgs) =>
        Report(StateCheck.Balance(Subject, baseline), because, becauseArgs);

    private AndConstraint<RuntimePmDeviceAssertions> Report(Verdict verdict, string because, object[] becauseArgs)
    {
        verdict.Report(because, becauseArgs);
        return new AndConstraint<RuntimePmDeviceAssertions>(this);
    }
}
