namespace VfioPm.AnyCalls;

/// <summary>
/// What was done to each function that its kernel is known not to bear: two things at once that no lock keeps apart, or one that a bug of
/// its own spoils (<see cref="KernelFaults"/>).
/// </summary>
internal sealed class Collisions(SimulatedHost host) : IRuntimePmListener, IPciPowerListener
{
    private readonly Dictionary<string, Collision> _all = [];
    private readonly List<(string Device, PendingCall Call)> _opens = [];

    /// <summary>What was done to the function of a name.</summary>
    public Collision Of(string device)
    {
        if (!_all.TryGetValue(device, out Collision? collision))
        {
            _all.Add(device, collision = new Collision());
        }

        return collision;
    }

    /// <summary>What was done to the functions that a text names.</summary>
    public IEnumerable<Collision> NamedIn(string text) =>
        _all.Where(pair => text.Contains(pair.Key, StringComparison.Ordinal)).Select(static pair => pair.Value);

    /// <summary>Whether somebody has begun to open a device, and is not through.</summary>
    public bool IsAnybodyOpening => _opens.Count > 0;

    /// <summary>Somebody opens a device, and may fail.</summary>
    public void Watch(VfioPciDevice device, PendingCall open) => _opens.Add((device.Pci.Name, open));

    void IRuntimePmListener.OnTrace(in RpmTraceEvent trace)
    {
        // 1 is "it is active already", perhaps because somebody else resumed it while this one waited.
        bool hadNothingToDo = trace is { Tracepoint: RpmTracepoint.ReturnInt, Function: RpmTracepoint.Resume, Result.Value: 1 };
        if (hadNothingToDo && Find(trace.Device) is { UsageCount: 0, Request: RuntimePmRequest.None, Status: RuntimeStatus.Active })
        {
            Of(trace.Device).LostRequest = true;
        }

        // An access wakes the port above: one in the middle of a longer call is seen here alone.
        if (trace is { Tracepoint: RpmTracepoint.Resume } && host.Kernel.Current is { } thread)
        {
            LookForAccess(thread);
        }
    }

    // In the middle of an event, which may be several where somebody lets time pass himself.
    void IPciPowerListener.OnReset(PciDevice device, ResetKind kind)
    {
        LookForReset(device);
        Look(device);
    }

    void IPciPowerListener.OnPowerState(PciDevice device, PowerState before)
    {
        LookForReset(device);
        Of(device.Name).OnMoved(device, host.Kernel.Current, host.Kernel.Threads);
    }

    IForkable IForkable.Fork(ForkContext fork) => throw new NotSupportedException("Citizens have one world.");

    /// <summary>Looks at what just happened.</summary>
    public void Look(Moment moment)
    {
        foreach ((string device, _) in _opens.Where(static open => open.Call.Result is { IsError: true }))
        {
            Of(device).HasFailedOpen = true;
        }

        _opens.RemoveAll(static open => open.Call.IsCompleted);
        foreach ((PciDevice device, ResetKind kind, PowerState believed, _) in moment.Hardware.Resets)
        {
            if (kind is ResetKind.FunctionLevel or ResetKind.Bus)
            {
                Of(device.Name).WasResetInD3Hot |= believed == PowerState.D3Hot;
                Of(device.Name).WasResetAsleep |= device.RuntimeStatus != RuntimeStatus.Active;
                foreach (PciDevice virtualFunction in device.Sriov?.VirtualFunctions ?? [])
                {
                    Of(virtualFunction.Name).WasResetWithAnother = true;
                }
            }
        }

        foreach (PciDevice device in host.Devices)
        {
            Look(device);
        }

        foreach ((string device, Collision collision) in _all)
        {
            collision.LookForLockLeftBehind(device, host.Devices, host.Kernel.Threads);
        }
    }

    /// <summary>All was judged by it; the next event begins.</summary>
    public void Forget()
    {
        foreach (Collision collision in _all.Values)
        {
            collision.Forget();
        }
    }

    private void Look(PciDevice device)
    {
        Of(device.Name).Look(device, VfioPciDriver.TryFind(device), host.Kernel.Threads);
        LookAbove(device);
    }

    private void LookAbove(PciDevice device)
    {
        if (device.Upstream is { } port)
        {
            Of(port.Name).WasReadThrough |= Of(device.Name).WasReadAsleep;
        }
    }

    // It is brought to D0 for that first.
    private void LookForReset(PciDevice device) => Of(device.Name).WasResetFromAbove |=
        host.Kernel.Current is { Cause: { } cause } && cause.What.Contains("to reset_subordinate", StringComparison.Ordinal);

    private void LookForAccess(KernelThread thread)
    {
        foreach (VfioPciDevice device in host.VfioPci.Devices.Where(device => device.IsAskedToSleep && Collision.Accesses(thread, device.Pci)))
        {
            Of(device.Pci.Name).WasReadAsleep = true;
            LookAbove(device.Pci);
        }
    }

    private RuntimePmDevice? Find(string name) => host.RuntimePm.Devices.FirstOrDefault(device => device.Name == name);
}

/// <summary>What was done to one function.</summary>
internal sealed class Collision
{
    private (bool? IsMasked, bool? DecodesMemory) _commanded;
    private bool _isBeingReset;
    private bool _isUnsettled;
    private bool _isAsleep;
    private bool _mayCutBridge = true;

    /// <summary>Whether it is being reset, or was at some time in the last event.</summary>
    public bool IsBeingReset { get; private set; }

    /// <summary>
    /// Whether its COMMAND was changed, by its user or for its interrupt, while it was reset or in D3hot: what is put back afterwards was
    /// saved before.
    /// </summary>
    public bool WasChangedUnsaved { get; private set; }

    /// <summary>Whether one thread was resetting it, with <c>device_lock</c>, while another changed its power state.</summary>
    public bool WasResetWhileMoving { get; private set; }

    /// <summary>Whether it was reset, or was on the way to that, while it counted as asleep.</summary>
    public bool WasResetAsleep { get; set; }

    /// <summary>Whether it was reset while its kernel believed it to be in D3hot.</summary>
    public bool WasResetInD3Hot { get; set; }

    /// <summary>Whether it was reset by an attribute of the port above, or was to be.</summary>
    public bool WasResetFromAbove { get; set; }

    /// <summary>Whether it is a virtual function, and was reset as its physical function was.</summary>
    public bool WasResetWithAnother { get; set; }

    /// <summary>Whether somebody failed to open it.</summary>
    public bool HasFailedOpen { get; set; }

    /// <summary>Whether it is a bridge that may sleep since somebody else changed his mind, of which nobody tells it.</summary>
    public bool MayOnlyNow { get; private set; }

    /// <summary>
    /// What somebody did who is in a file of its in sysfs, or holds its lock, and waits for whoever removes and rescans functions, who
    /// waits for him; or null.
    /// </summary>
    public string? Entanglement { get; private set; }

    /// <summary>Its lock, where it left its bus while that was reset, whose reset holds the lock; or null.</summary>
    public string? LockLeftBehind { get; private set; }

    /// <summary>Whether its card was pulled out of its slot.</summary>
    public bool WasPulled { get; private set; }

    /// <summary>Whether a resume, which had nothing to do, took back the request that would have put it to sleep.</summary>
    public bool LostRequest { get; set; }

    /// <summary>Whether its user had put it to sleep at some time in the last event, or has now.</summary>
    public bool IsAskedToSleep { get; private set; }

    /// <summary>Whether it sleeps because its user had put it to sleep, who may have asked for D0 since.</summary>
    public bool SleepsByUser { get; private set; }

    /// <summary>Whether it slept since its user last asked for that, and not on the way of a reset.</summary>
    public bool HasSleptSinceAsked { get; private set; }

    /// <summary>Whether its configuration space was accessed by a user after he had asked for low power.</summary>
    public bool WasReadAsleep { get; set; }

    /// <summary>Whether it is a port, and that was done to a function right below: the port is awake for it.</summary>
    public bool WasReadThrough { get; set; }

    public void Look(PciDevice device, VfioPciDevice? bound, IReadOnlyList<KernelThread> threads)
    {
        KernelThread? resetting = Resetting(threads, device.Name);
        IsBeingReset |= resetting is not null;
        _isBeingReset = resetting is not null;
        WasResetAsleep |= resetting is not null && device.RuntimeStatus != RuntimeStatus.Active;
        bool isUnsettled = device.IsLocked || bound is { IsMemoryLocked: true } || device.Hardware.PowerState != PowerState.D0;
        (bool? IsMasked, bool? DecodesMemory) commanded =
            (bound?.Session?.Interrupts.Intx is { IsEnabled: true } line ? line.IsMasked : null, bound?.Session?.Configuration.IsMemoryEnabled);
        WasChangedUnsaved |= commanded != _commanded && (isUnsettled || _isUnsettled);
        _commanded = commanded;
        _isUnsettled = isUnsettled;
        WasResetWhileMoving |= resetting is not null
            && threads.Any(thread => thread != resetting && (thread.Holds.Contains($"memory_lock of {device.Name}") || IsMoving(thread, device)));
        Entanglement ??= FindEntangled(device, threads)?.Cause?.What;
        WasPulled |= !device.Hardware.IsFedBySlot;
        MayOnlyNow |= device is { IsBridge: true, BridgeD3: true, RuntimeStatus: RuntimeStatus.Active } && !_mayCutBridge;
        _mayCutBridge = device.BridgeD3;
        bool isAsleep = bound is { IsAskedToSleep: true };
        HasSleptSinceAsked = (_isAsleep && HasSleptSinceAsked) || (isAsleep && resetting is null && device.Hardware.PowerState != PowerState.D0);
        WasReadAsleep |= isAsleep && _isAsleep
            && threads.Any(thread => Accesses(thread, device));
        IsAskedToSleep |= isAsleep;
        SleepsByUser = isAsleep || (SleepsByUser && device.Hardware.PowerState != PowerState.D0);
        _isAsleep = isAsleep;
    }

    /// <summary>Looks whether it is gone, and whoever resets its bus has its lock: he does not find it any more.</summary>
    public void LookForLockLeftBehind(string name, IReadOnlyList<PciDevice> devices, IReadOnlyList<KernelThread> threads)
    {
        if (Resetting(threads, name) is not null && devices.All(device => device.Name != name))
        {
            LockLeftBehind = LockOf(name);
        }
    }

    /// <summary>What was when the event began that is judged next.</summary>
    public void Forget()
    {
        IsBeingReset = _isBeingReset;
        IsAskedToSleep = _isAsleep;
    }

    /// <summary>Somebody changed its power state.</summary>
    public void OnMoved(PciDevice device, KernelThread? by, IReadOnlyList<KernelThread> threads) =>
        WasResetWhileMoving |= Resetting(threads, device.Name) is { } resetting && resetting != by;

    private static bool IsMoving(KernelThread thread, PciDevice device) =>
        (thread.Device == device.Name || thread.Cause?.Device == device.Name) && thread.Stack.Contains("PciPm.SetPowerState");

    /// <summary>Whether somebody is at its configuration space.</summary>
    public static bool Accesses(KernelThread thread, PciDevice device) =>
        thread.Cause is { } cause && cause.Device == device.Name && cause.What.Contains("configuration space", StringComparison.Ordinal);

    private static KernelThread? FindEntangled(PciDevice device, IReadOnlyList<KernelThread> threads)
    {
        const string Tree = "pci_rescan_remove_lock of the host";
        return threads.FirstOrDefault(static thread => thread.Holds.Contains(Tree)) is { WaitsFor: { } wanted } && IsOf(wanted, device)
            ? threads.FirstOrDefault(thread => thread.WaitsFor == Tree && thread.Holds.Contains(wanted))
            : null;
    }

    private static bool IsOf(string lockName, PciDevice device) =>
        lockName == $"kn->active of {device.Name}" || lockName == LockOf(device.Name);

    /// <summary>Who keeps others from binding it and from its configuration space (<c>pci_dev_lock()</c>).</summary>
    private static KernelThread? Resetting(IReadOnlyList<KernelThread> threads, string device) => threads.FirstOrDefault(thread =>
        thread.Holds.Contains(LockOf(device)) && thread.Holds.Contains($"pci_cfg_access of {device}"));

    private static string LockOf(string device) => $"device_lock of {device}";
}
