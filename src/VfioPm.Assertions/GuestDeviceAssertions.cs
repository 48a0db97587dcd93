using FluentAssertions;
using FluentAssertions.Primitives;

namespace VfioPm;

/// <summary>Assertions about a device as a guest's kernel sees it.</summary>
public sealed class GuestDeviceAssertions : ObjectAssertions<GuestDevice, GuestDeviceAssertions>
{
    internal GuestDeviceAssertions(GuestDevice device)
        : base(device)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "guest's device";

    /// <summary>The guest's kernel believes the device to be in this power state.</summary>
    public AndConstraint<GuestDeviceAssertions> BeIn(
        PowerState expected, string because = "", params object[] becauseArgs) =>
        Report(StateCheck.GuestPowerState(Subject, expected), because, becauseArgs);

    /// <summary>So many users in the guest hold the device active.</summary>
    public AndConstraint<GuestDeviceAssertions> HaveUsageCount(
        int expected, string because = "", params object[] becauseArgs) =>
        Report(StateCheck.UsageCount(Subject.RuntimePm, expected), because, becauseArgs);

    /// <summary>To the guest the device is active, suspended, or on its way.</summary>
    public AndConstraint<GuestDeviceAssertions> HaveRuntimeStatus(
        RuntimeStatus expected, string because = "", params object[] becauseArgs) =>
        Report(StateCheck.RuntimeStatus(Subject.RuntimePm, expected), because, becauseArgs);

    private AndConstraint<GuestDeviceAssertions> Report(Verdict verdict, string because, object[] becauseArgs)
    {
        verdict.Report(because, becauseArgs);
        return new AndConstraint<GuestDeviceAssertions>(this);
    }
}
