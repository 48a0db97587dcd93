namespace VfioPm;

/// <summary>Assertions about a device as a guest's kernel sees it.</summary>
public sealed class GuestDeviceAssertions : RuntimePmAssertions<GuestDevice, GuestDeviceAssertions>
{
    internal GuestDeviceAssertions(GuestDevice device)
        : base(device)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "guest's device";

    private protected override RuntimePmDevice Device => Subject.RuntimePm;

    /// <summary>The guest's kernel believes the device to be in this power state.</summary>
    public AndConstraint<GuestDeviceAssertions> BeIn(
        PowerState expected, string because = "", params object[] becauseArgs) =>
        Assert(GuestDeviceCheck.IsIn(Subject, expected), because, becauseArgs);

    /// <summary>The guest's kernel believes the device to be in any other power state.</summary>
    public AndConstraint<GuestDeviceAssertions> NotBeIn(
        PowerState unexpected, string because = "", params object[] becauseArgs) =>
        Assert(GuestDeviceCheck.IsNotIn(Subject, unexpected), because, becauseArgs);
}
