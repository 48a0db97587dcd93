namespace VfioPm;

/// <summary>Assertions about what the runtime-PM core sees of a device, PCI function or not.</summary>
/// <typeparam name="TSubject">What is asserted about.</typeparam>
/// <typeparam name="TAssertions">The assertions themselves.</typeparam>
public abstract class RuntimePmAssertions<TSubject, TAssertions> : SimulationAssertions<TSubject, TAssertions>
    where TAssertions : RuntimePmAssertions<TSubject, TAssertions>
{
    private protected RuntimePmAssertions(TSubject subject)
        : base(subject)
    {
    }

    private protected abstract RuntimePmDevice Device { get; }

    /// <summary>So many users hold the device active (<c>power/runtime_usage</c>).</summary>
    public AndConstraint<TAssertions> HaveUsageCount(int expected, string because = "", params object[] becauseArgs) =>
        Assert(RuntimePmCheck.HasUsageCount(Device, expected), because, becauseArgs);

    /// <summary>The device is active, suspended, or on its way (<c>power/runtime_status</c>).</summary>
    public AndConstraint<TAssertions> HaveRuntimeStatus(
        RuntimeStatus expected, string because = "", params object[] becauseArgs) =>
        Assert(RuntimePmCheck.HasStatus(Device, expected), because, becauseArgs);

    /// <summary>Every get since the baseline was answered by a put, and the other way round.</summary>
    /// <exception cref="ArgumentException">The baseline was taken of another host.</exception>
    public AndConstraint<TAssertions> BeBalancedSince(
        UsageBaseline baseline, string because = "", params object[] becauseArgs) =>
        Assert(RuntimePmCheck.IsBalanced(Device, baseline), because, becauseArgs);

    /// <summary>The device sleeps, and nobody has woken it since a moment, not even for a short time.</summary>
    /// <exception cref="InvalidOperationException">The host's trace is off.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The moment is to come, or before the trace begins.</exception>
    public AndConstraint<TAssertions> HaveStayedAsleep(
        TimeSpan since, string because = "", params object[] becauseArgs) =>
        Assert(RuntimePmCheck.StayedAsleep(Device, since), because, becauseArgs);

    /// <summary>
    /// What woke the device last was this: part of how the trace words it ("host reads configuration space").
    /// </summary>
    /// <exception cref="InvalidOperationException">The host's trace is off.</exception>
    public AndConstraint<TAssertions> HaveBeenWokenBy(
        string cause, string because = "", params object[] becauseArgs) =>
        Assert(RuntimePmCheck.WasWokenBy(Device, cause), because, becauseArgs);

    /// <summary>
    /// What put the device to sleep last, or deeper, was this: part of how the trace words it ("autosuspend timer").
    /// </summary>
    /// <exception cref="InvalidOperationException">The host's trace is off.</exception>
    public AndConstraint<TAssertions> HaveBeenPutToSleepBy(
        string cause, string because = "", params object[] becauseArgs) =>
        Assert(RuntimePmCheck.WasPutToSleepBy(Device, cause), because, becauseArgs);
}
