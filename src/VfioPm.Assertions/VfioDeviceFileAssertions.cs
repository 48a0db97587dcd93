namespace VfioPm;

/// <summary>Assertions about what a VMM holds of a device. None of them wakes it.</summary>
public sealed class VfioDeviceFileAssertions : SimulationAssertions<VfioDeviceFile, VfioDeviceFileAssertions>
{
    internal VfioDeviceFileAssertions(VfioDeviceFile file)
        : base(file)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "device file";

    /// <summary>The descriptor is open.</summary>
    public AndConstraint<VfioDeviceFileAssertions> BeOpen(string because = "", params object[] becauseArgs) =>
        Assert(VfioDeviceCheck.IsOpen(Subject), because, becauseArgs);

    /// <summary>The VMM has closed its descriptor. A mapping may keep the device open all the same.</summary>
    public AndConstraint<VfioDeviceFileAssertions> BeClosed(string because = "", params object[] becauseArgs) =>
        Assert(VfioDeviceCheck.IsClosed(Subject), because, becauseArgs);

    /// <summary>The kernel lets the user at the device's memory, by reads and writes and by mappings.</summary>
    public AndConstraint<VfioDeviceFileAssertions> HaveMemoryAccess(
        string because = "", params object[] becauseArgs) =>
        Assert(VfioDeviceCheck.HasMemoryAccess(Subject), because, becauseArgs);

    /// <summary>
    /// The kernel keeps the user from the device's memory: reads and writes return -EIO, or accesses of mappings end in
    /// SIGBUS.
    /// </summary>
    public AndConstraint<VfioDeviceFileAssertions> HaveMemoryFenced(
        string because = "", params object[] becauseArgs) =>
        Assert(VfioDeviceCheck.HasMemoryFenced(Subject), because, becauseArgs);

    /// <summary>
    /// The user permits the device to sleep (<c>VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY</c>; under the RFC, D3hot in PMCSR).
    /// </summary>
    public AndConstraint<VfioDeviceFileAssertions> PermitSleep(string because = "", params object[] becauseArgs) =>
        Assert(VfioDeviceCheck.PermitsSleep(Subject), because, becauseArgs);

    /// <summary>The user keeps the device from sleeping: he has not permitted it, or no longer does.</summary>
    public AndConstraint<VfioDeviceFileAssertions> NotPermitSleep(string because = "", params object[] becauseArgs) =>
        Assert(VfioDeviceCheck.ForbidsSleep(Subject), because, becauseArgs);

    /// <summary>The guest would read this power state in PMCSR, if reading it woke nobody.</summary>
    public AndConstraint<VfioDeviceFileAssertions> ShowPowerState(
        PowerState expected, string because = "", params object[] becauseArgs) =>
        Assert(VfioDeviceCheck.ShowsPowerState(Subject, expected), because, becauseArgs);

    /// <summary>The user was told of a wakeup through this eventfd, once.</summary>
    public AndConstraint<VfioDeviceFileAssertions> HaveSignalledWakeup(
        EventFd wakeup, string because = "", params object[] becauseArgs) =>
        Assert(VfioDeviceCheck.HasSignalledWakeup(Subject, wakeup), because, becauseArgs);
}
