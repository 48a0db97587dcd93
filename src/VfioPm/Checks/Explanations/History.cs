namespace VfioPm;

/// <summary>What a trace knows of one device.</summary>
/// <param name="trace">The trace.</param>
/// <param name="device">The device's name.</param>
internal sealed class History(HostTrace trace, string device)
{
    public HostTrace Trace => trace;

    /// <summary>All that was recorded, oldest first.</summary>
    public IEnumerable<TraceEntry> Entries => trace.Entries.Where(entry => entry.Device == device);

    /// <summary>The history of a device.</summary>
    /// <exception cref="InvalidOperationException">The trace is off: nobody knows.</exception>
    public static History Of(RuntimePmDevice device) => new(
        HostTrace.Of(device)
            ?? throw new InvalidOperationException(
                $"The trace is off: nobody knows what happened to {device.Name}. {HostTrace.Remedy}"),
        device.Name);

    /// <summary>The history of a device, for a question about the time since a moment.</summary>
    /// <exception cref="InvalidOperationException">The trace is off: nobody knows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The moment is to come, or before the trace begins.</exception>
    public static History Of(RuntimePmDevice device, TimeSpan since)
    {
        History history = Of(device);
        history.Trace.RefuseUnknown(since);
        return history;
    }

    /// <summary>The changes of a power state, in the kernel's or in the hardware's view.</summary>
    public IEnumerable<TraceEntry> PowerStates(TraceKind view) => Entries.Where(entry => entry.Kind == view);

    /// <summary>The power states that the kernel saw since a moment, oldest first, the present one last.</summary>
    public PowerState[] WayTo(PowerState present, TimeSpan? since = null)
    {
        TraceEntry[] changes = [.. PowerStates(TraceKind.PowerState).Where(entry => !(entry.Time <= since))];
        return changes.Length == 0
            ? [present]
            : [changes[0].PowerState.Before, .. changes.Select(entry => entry.PowerState.After)];
    }

    /// <summary>What woke the device after a moment, oldest first.</summary>
    public IEnumerable<TraceEntry> Wakes(TimeSpan since) =>
        Entries.Where(entry => entry.Time > since && IsWaking(entry));

    /// <summary>The last thing that woke the device, or that put it to sleep, if there was any.</summary>
    public TraceEntry? LastChange(bool wakes) =>
        Last(Entries.Where(entry => wakes ? IsWaking(entry) : IsGoingToSleep(entry)));

    private static TraceEntry? Last(IEnumerable<TraceEntry> entries) =>
        entries.Select(entry => (TraceEntry?)entry).LastOrDefault();

    private static bool IsWaking(TraceEntry entry) => entry.Kind switch
    {
        TraceKind.RuntimeStatus => entry.Status.After is RuntimeStatus.Resuming or RuntimeStatus.Active,
        TraceKind.PowerState => entry.PowerState is { After: VfioPm.PowerState.D0, Before: not VfioPm.PowerState.Unknown },
        _ => false,
    };

    private static bool IsGoingToSleep(TraceEntry entry) => entry.Kind switch
    {
        TraceKind.RuntimeStatus => entry.Status.After is RuntimeStatus.Suspending or RuntimeStatus.Suspended,
        TraceKind.PowerState => entry.PowerState.After > entry.PowerState.Before,
        _ => false,
    };
}
