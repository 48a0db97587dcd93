namespace VfioPm;

/// <summary>
/// What happened on a host, in order: what somebody did and what the kernel returned, every change of a power state in the guest's, the kernel's and
/// the hardware's view, of a status or a usage count, and the runtime-PM core's trace events.
/// </summary>
public sealed class HostTrace : IOperationListener, IKernelLogListener, IRuntimePmListener, IPciPowerListener, IVfioListener
{
    /// <summary>What to do about a trace that is missing.</summary>
    internal const string Remedy = "Make one with new HostTrace(core), or switch the one there is on with IsEnabled.";

    private readonly RuntimePmCore _core;
    private readonly PciTopology? _pci;
    private readonly VfioPciDriver? _vfio;
    private readonly Dictionary<string, PowerState> _guestStates = [];
    private readonly TraceHistory _history = new();
    private int? _limit;

    /// <summary>A trace of what happens in a runtime-PM core from now on, and of what is done to its devices.</summary>
    public HostTrace(RuntimePmCore core)
        : this(core, pci: null, vfio: null, kernelName: null)
    {
    }

    /// <summary>A trace of what happens in all layers of a host from now on, and on which kernel.</summary>
    internal HostTrace(RuntimePmCore core, PciTopology? pci, VfioPciDriver? vfio, string? kernelName)
    {
        ArgumentNullException.ThrowIfNull(core);
        _core = core;
        _pci = pci;
        _vfio = vfio;
        KernelName = kernelName;
        IsEnabled = true;
    }

    private HostTrace(HostTrace original, ForkContext fork)
    {
        fork.Register(original, this);
        _core = fork.Of(original._core);
        _pci = fork.OfNullable(original._pci);
        _vfio = fork.OfNullable(original._vfio);
        KernelName = original.KernelName;
        Begin = original.Begin;
        _history = original._history.Copy();
        _limit = original._limit;
        foreach ((string device, PowerState state) in original._guestStates)
        {
            _guestStates.Add(device, state);
        }
    }

    /// <summary>Whether what happens is recorded. Without it the host is faster and allocates nothing.</summary>
    public bool IsEnabled
    {
        get => _core.Events.Contains(this);
        set
        {
            if (value && !IsEnabled)
            {
                Begin = _core.Clock.Now;
            }

            Listen(_core.Clock.Operations, this, value);
            Listen(_core.Log.Events, this, value);
            Listen(_core.Events, this, value);
            Listen(_pci?.Events, this, value);
            Listen(_vfio?.Events, this, value);
        }
    }

    /// <summary>What shows the host's time.</summary>
    internal VirtualClock Clock => _core.Clock;

    /// <summary>The moment, since boot, from which on the trace knows everything: when it was last begun or switched on.</summary>
    public TimeSpan Begin { get; private set; }

    /// <summary>
    /// All that happened, oldest first, but for what <see cref="Limit"/> made the trace forget. It is what there was when it was
    /// asked for: another thread may work meanwhile.
    /// </summary>
    public IReadOnlyList<TraceEntry> Entries
    {
        get
        {
            lock (_core.Clock.Gate)
            {
                return _history.Entries;
            }
        }
    }

    /// <summary>
    /// How many entries there may be, or null for any number. From then on the oldest are forgotten for new ones, and
    /// <see cref="Begin"/> moves; a timeline says so in its first line. Forks have the same limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than one.</exception>
    public int? Limit
    {
        get => _limit;
        set
        {
            if (value is { } limit)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1, nameof(value));
            }

            lock (_core.Clock.Gate)
            {
                _limit = value;
                _history.Trim(value);
                BeginBehindForgotten();
            }
        }
    }

    /// <summary>How many entries were recorded since the trace was last cleared, those that it forgot too.</summary>
    public long Recorded
    {
        get
        {
            lock (_core.Clock.Gate)
            {
                return _history.Recorded;
            }
        }
    }

    /// <summary>The core whose devices it tells of.</summary>
    internal RuntimePmCore Core => _core;

    /// <summary>The name of the kernel's profile: "rfc-v1"; null for a runtime-PM core without one.</summary>
    internal string? KernelName { get; }

    /// <summary>The names that a filter may have: the devices that there are, and those that there were.</summary>
    internal IReadOnlyCollection<string> DeviceNames =>
        [.. _core.Devices.Select(static device => device.Name).Concat(Entries.Select(static entry => entry.Device)).Distinct()];

    /// <summary>The trace of the host whose time a clock shows, or null while it is off.</summary>
    internal static HostTrace? Of(VirtualClock? clock) => clock?.Operations.Find<HostTrace>();

    /// <summary>The trace of the host that a device belongs to, or null while it is off.</summary>
    public static HostTrace? Of(RuntimePmDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return PciRuntimePm.FunctionOf(device) is { } pci
            ? pci.Bus.Events.Find<HostTrace>()
            : device.Core.Events.Find<HostTrace>();
    }

    /// <summary>The power states that the kernel saw a device in, oldest first.</summary>
    public IEnumerable<TraceEntry> PowerStatesOf(PciDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return Entries.Where(entry => entry.Kind == TraceKind.PowerState && entry.Device == device.Name);
    }

    /// <summary>
    /// The entries that were recorded after the first so many (<see cref="Recorded"/>), as far as the trace has not forgotten
    /// them.
    /// </summary>
    public IEnumerable<TraceEntry> After(long recorded)
    {
        lock (_core.Clock.Gate)
        {
            return _history.Entries.After(recorded - _history.Forgotten.Count);
        }
    }

    /// <summary>What happened, as lines for people.</summary>
    public Timeline ToTimeline()
    {
        lock (_core.Clock.Gate)
        {
            return new Timeline(_history.Entries, () => DeviceNames, _core.Clock.Aliases, _history.Forgotten);
        }
    }

    /// <summary>
    /// What happened, as JSON whose form stays, an event a line, for snapshot tests and other tools; <c>docs/trace-json.md</c>
    /// tells what is in it.
    /// </summary>
    public string ToJson() => TraceJson.Write(KernelName, Begin, _core.Clock.Now, _core.Devices, Entries);

    /// <summary>What happened, as a picture: lanes and marks for each device of the host, from the first entry up to now.</summary>
    /// <param name="title">What it is a picture of: a test's name, say.</param>
    public Picture ToPicture(string title = "") => Picture.Of(this, Entries, title);

    /// <summary>Forgets all that happened.</summary>
    public void Clear()
    {
        lock (_core.Clock.Gate)
        {
            _history.Clear();
            Begin = _core.Clock.Now;
        }
    }

    /// <summary>What the guest of a device saw last, if there was one.</summary>
    internal PowerState? GuestStateOf(string device) =>
        _guestStates.TryGetValue(device, out PowerState state) ? state : null;

    /// <summary>Refuses a moment that the trace knows nothing of: what is asked of it would hold without a reason.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The moment is to come, or before <see cref="Begin"/>.</exception>
    internal void RefuseUnknown(TimeSpan since)
    {
        TimeSpan now = _core.Clock.Now;
        if (since > now)
        {
            throw new ArgumentOutOfRangeException(
                nameof(since), since, $"{nameof(since)} is a moment since boot, and it is {TimeText.Of(now)} now.");
        }

        if (since < Begin)
        {
            throw new ArgumentOutOfRangeException(
                nameof(since), since, $"The trace begins at {TimeText.Of(Begin)}: nobody knows what was before.");
        }
    }

    /// <summary>The timeline, as people usually want it.</summary>
    public override string ToString() => ToTimeline().ToString();

    void IRuntimePmListener.OnTrace(in RpmTraceEvent trace) => Add(new TraceEntry
    {
        Time = _core.Clock.Now,
        Device = trace.Device,
        Kind = TraceKind.Rpm,
        Cause = _core.Clock.Cause,
        Rpm = trace,
    });

    void IRuntimePmListener.OnStatus(RuntimePmDevice device, RuntimeStatus before) =>
        Add(Entry(TraceKind.RuntimeStatus, device) with { Status = (before, device.Status) });

    void IRuntimePmListener.OnUsageCount(RuntimePmDevice device, int before) =>
        Add(Entry(TraceKind.UsageCount, device) with
        {
            UsageCount = (before, device.UsageCount),
            Caller = device.Core.Caller.Site?.ToString(),
        });

    void IPciPowerListener.OnPowerState(PciDevice device, PowerState before) =>
        Add(Entry(TraceKind.PowerState, device.RuntimePm) with { PowerState = (before, device.PowerState) });

    void IPciPowerListener.OnHardwareState(PciDevice device, PowerState before) =>
        Add(Entry(TraceKind.HardwareState, device.RuntimePm) with
        {
            PowerState = (before, device.Hardware.PowerState),
        });

    void IVfioListener.OnUserCall(VfioPciDevice device)
    {
        PowerState before = _guestStates.GetValueOrDefault(device.Pci.Name, PowerState.Unknown);
        PowerState now = device.PowerStateShown ?? PowerState.Unknown;
        if (now != before)
        {
            _guestStates[device.Pci.Name] = now;
            Add(Entry(TraceKind.GuestState, device.Pci.RuntimePm) with { PowerState = (before, now) });
        }
    }

    void IOperationListener.OnOperation(string what, string device) => Add(new TraceEntry
    {
        Time = _core.Clock.Now,
        Device = device,
        Kind = TraceKind.Operation,
        Cause = _core.Clock.Cause,
        Operation = what,
    });

    void IOperationListener.OnReturn(string what, string device, int result) => Add(new TraceEntry
    {
        Time = _core.Clock.Now,
        Device = device,
        Kind = result < 0 ? TraceKind.Failure : TraceKind.Return,
        Cause = new Cause(what, device),
        Result = new KernelResult(result),
    });

    void IKernelLogListener.OnLine(KernelLogLine line) => Add(new TraceEntry
    {
        Time = line.Time,
        Device = line.Device,
        Kind = TraceKind.Log,
        Cause = _core.Clock.Cause,
        Message = line.Message,
    });

    /// <inheritdoc/>
    IForkable IForkable.Fork(ForkContext fork) => new HostTrace(this, fork);

    private static void Listen<TListener>(EventChannel<TListener>? channel, TListener trace, bool listens)
        where TListener : class, IForkable
    {
        if (listens)
        {
            channel?.Add(trace);
        }
        else
        {
            channel?.Remove(trace);
        }
    }

    private void Add(in TraceEntry entry)
    {
        _history.Add(entry, _limit);
        BeginBehindForgotten();
    }

    /// <summary>Of the moment of the last entry that is forgotten not everything is known.</summary>
    private void BeginBehindForgotten()
    {
        if (_history.Forgotten is { Count: > 0, Until: var until } && until >= Begin)
        {
            Begin = until + TimeSpan.FromTicks(1);
        }
    }

    private TraceEntry Entry(TraceKind kind, RuntimePmDevice device) => new()
    {
        Time = _core.Clock.Now,
        Device = device.Name,
        Parent = device.Parent?.Name,
        Kind = kind,
        Cause = _core.Clock.Cause,
    };
}
