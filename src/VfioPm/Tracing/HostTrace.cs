namespace VfioPm;

/// <summary>What happened on a host, in order: every change of state, and the runtime-PM core's trace events.</summary>
public sealed class HostTrace : PciPowerObserver
{
    private readonly VirtualClock _clock;
    private readonly List<TraceEntry> _entries = [];

    internal HostTrace(VirtualClock clock)
    {
        _clock = clock;
        _clock.KeepsCauses = true;
    }

    private HostTrace(HostTrace original, ForkContext fork)
    {
        fork.Register(original, this);
        _clock = fork.Of(original._clock);
        _clock.KeepsCauses = original._clock.KeepsCauses;
        _entries.AddRange(original._entries);
    }

    /// <summary>All that happened, oldest first.</summary>
    public IReadOnlyList<TraceEntry> Entries => _entries;

    /// <summary>The power states that the kernel saw a device in, oldest first.</summary>
    public IEnumerable<TraceEntry> PowerStatesOf(PciDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return _entries.Where(entry => entry.Kind == TraceKind.PowerState && entry.Device == device.Name);
    }

    /// <summary>Forgets all that happened.</summary>
    public void Clear() => _entries.Clear();

    /// <inheritdoc/>
    public override void OnTrace(in RpmTraceEvent trace) => _entries.Add(new TraceEntry
    {
        Time = _clock.Now,
        Device = trace.Device,
        Kind = TraceKind.Rpm,
        Cause = _clock.Cause,
        Rpm = trace,
    });

    /// <inheritdoc/>
    public override void OnStatus(RuntimePmDevice device, RuntimeStatus before) => _entries.Add(new TraceEntry
    {
        Time = _clock.Now,
        Device = device.Name,
        Kind = TraceKind.RuntimeStatus,
        Cause = _clock.Cause,
        Status = (before, device.Status),
    });

    /// <inheritdoc/>
    public override void OnPowerState(PciDevice device, PowerState before) => _entries.Add(new TraceEntry
    {
        Time = _clock.Now,
        Device = device.Name,
        Kind = TraceKind.PowerState,
        Cause = _clock.Cause,
        PowerState = (before, device.PowerState),
    });

    /// <inheritdoc/>
    public override IForkable Fork(ForkContext fork) => new HostTrace(this, fork);
}
