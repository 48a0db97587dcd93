namespace VfioPm;

/// <summary>
/// What the firmware offers for one function's power: the power resources that its states need, how deep it
/// may sleep and still wake, and whether its wake signal goes anywhere (ACPI 6.5, section 7.3).
/// </summary>
/// <remarks>
/// A function that the firmware does not describe has none; its power follows that of the bridge above. Linux
/// asks through <c>acpi_pci_power_manageable()</c>, <c>acpi_pci_choose_state()</c>,
/// <c>acpi_pci_set_power_state()</c> and <c>acpi_pci_wakeup()</c>.
/// </remarks>
public sealed class PlatformPower : IPlatformPower
{
    private readonly PowerResource[] _whenOn;
    private readonly PowerResource[] _whenD3Hot;

    /// <summary>Describes a function, which is in D0: its resources are on.</summary>
    /// <param name="function">The function.</param>
    /// <param name="whenOn">What it needs in D0 to D2 (<c>_PR0</c>).</param>
    /// <param name="whenD3Hot">What it needs in D3hot (<c>_PR3</c>); with none it has no D3cold.</param>
    /// <param name="deepestWakeState">The deepest state that it can wake from (<c>_S0W</c>), or null.</param>
    /// <param name="canWake">Whether its wake signal goes anywhere (<c>_PRW</c>).</param>
    /// <param name="hasReset">Whether the firmware can reset it (<c>_RST</c>).</param>
    /// <param name="isHotplugSafeInD3">Whether it tells of cards while it sleeps (<c>HotPlugSupportInD3</c>).</param>
    /// <param name="readiness">How long it needs, as far as the firmware says.</param>
    internal PlatformPower(
        PciFunction function,
        IEnumerable<PowerResource> whenOn,
        IEnumerable<PowerResource> whenD3Hot,
        PowerState? deepestWakeState = null,
        bool canWake = false,
        bool isHotplugSafeInD3 = false,
        bool hasReset = false,
        ReadinessDurations readiness = default)
    {
        Function = function;
        _whenOn = [.. whenOn];
        _whenD3Hot = [.. whenD3Hot];
        DeepestWakeState = deepestWakeState;
        CanWake = canWake;
        IsHotplugSafeInD3 = isHotplugSafeInD3;
        HasReset = hasReset;
        Readiness = readiness;
        foreach (PowerResource resource in _whenOn)
        {
            resource.Feed(function);
            resource.TurnOn(function);
        }
    }

    private PlatformPower(PlatformPower original, ForkContext fork)
    {
        fork.Register(original, this);
        Function = fork.Of(original.Function);
        _whenOn = fork.CopyAll<PowerResource>(original._whenOn);
        _whenD3Hot = fork.CopyAll<PowerResource>(original._whenD3Hot);
        DeepestWakeState = original.DeepestWakeState;
        CanWake = original.CanWake;
        IsHotplugSafeInD3 = original.IsHotplugSafeInD3;
        HasReset = original.HasReset;
        Readiness = original.Readiness;
        State = original.State;
        WakeCount = original.WakeCount;
    }

    /// <summary>The function described.</summary>
    public PciFunction Function { get; }

    /// <summary>The switches that its power depends on, in any state.</summary>
    public IEnumerable<PowerResource> Resources => _whenOn.Union(_whenD3Hot);

    /// <summary>Whether the firmware can change the function's power at all.</summary>
    public bool IsPowerManageable => _whenOn.Length > 0;

    /// <summary>The deepest state that the firmware can put the function in.</summary>
    public PowerState DeepestState =>
        !IsPowerManageable ? PowerState.D0
        : _whenD3Hot.Length > 0 ? PowerState.D3Cold
        : PowerState.D3Hot;

    /// <summary>The deepest state that the function can wake the machine from (<c>_S0W</c>), or null.</summary>
    public PowerState? DeepestWakeState { get; }

    /// <summary>Whether a wake signal of the function goes anywhere (<c>_PRW</c>).</summary>
    public bool CanWake { get; }

    /// <summary>
    /// Whether a root port tells of cards that come and go while it sleeps (<c>_DSD</c> <c>HotPlugSupportInD3</c>).
    /// </summary>
    public bool IsHotplugSafeInD3 { get; }

    /// <summary>Whether the firmware can reset the function (<c>_RST</c>).</summary>
    public bool HasReset { get; }

    /// <summary>How long the firmware says that the function needs (<c>_DSM</c>).</summary>
    internal ReadinessDurations Readiness { get; }

    /// <summary>The state that the firmware was last asked for.</summary>
    public PowerState State { get; private set; } = PowerState.D0;

    /// <summary>
    /// The deepest state for a function that must, or need not, be able to wake (<c>acpi_dev_pm_get_state()</c>): where
    /// <c>_S0W</c> names a state for which the firmware has nothing, that is no limit. That it has no D3cold is found out by whoever asks
    /// for it.
    /// </summary>
    public PowerState DeepestStateFor(bool wake) =>
        wake && DeepestWakeState is { } limit and not (PowerState.D1 or PowerState.D2) ? limit : PowerState.D3Cold;

    bool IPlatformPower.IsWakePrepared => WakeCount > 0;

    IForkable IForkable.Fork(ForkContext fork) => new PlatformPower(this, fork);

    KernelCall<int> IPlatformPower.SetState(PowerState state)
    {
        SetState(state);
        return 0;
    }

    /// <summary>
    /// Puts the function in a state: switches on what the state needs, then gives up what it does not
    /// (<c>acpi_device_set_power()</c>). The registers that say D3hot are software's business.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The firmware has no such state for the function.</exception>
    internal void SetState(PowerState state)
    {
        if (state > DeepestState)
        {
            throw new ArgumentOutOfRangeException(
                nameof(state), state, $"The firmware puts {Function.Address} in {DeepestState.KernelName} at most.");
        }

        ReadOnlySpan<PowerResource> needed = NeededIn(state);
        foreach (PowerResource resource in needed)
        {
            resource.TurnOn(Function);
        }

        // On before off: a resource that both states need must not blink.
        GiveUp(_whenOn, needed);
        GiveUp(_whenD3Hot, needed);
        State = state;
    }

    /// <summary>How many ask for the wake signal (<c>enable_count</c>): at none it is not heard.</summary>
    public int WakeCount { get; private set; }

    /// <summary>One more asks for the wake signal, or one less (<c>acpi_pm_set_device_wakeup()</c>).</summary>
    internal void SetWakeup(bool enable) => WakeCount = enable ? WakeCount + 1 : Math.Max(0, WakeCount - 1);

    /// <summary>Resets the function, and is back when that can be used (<c>_RST</c>).</summary>
    internal void Reset() => Function.ResetReady();

    internal void AddTo(ref StateHash hash)
    {
        AddTo(ref hash, _whenOn);
        AddTo(ref hash, _whenD3Hot);
        hash.Add((int?)DeepestWakeState ?? -1);
        hash.Add(CanWake);
        hash.Add(IsHotplugSafeInD3);
        hash.Add(HasReset);
        hash.Add(Readiness.AfterPowerOn?.Ticks ?? -1);
        hash.Add(Readiness.AfterD3Hot?.Ticks ?? -1);
        hash.Add(WakeCount);
        hash.Add((int)State);
    }

    private static void AddTo(ref StateHash hash, PowerResource[] resources)
    {
        hash.Add(resources.Length);
        foreach (PowerResource resource in resources)
        {
            resource.AddTo(ref hash);
        }
    }

    private ReadOnlySpan<PowerResource> NeededIn(PowerState state) => state switch
    {
        PowerState.D3Cold => [],
        PowerState.D3Hot => _whenD3Hot,
        _ => _whenOn,
    };

    private static bool IsAmong(ReadOnlySpan<PowerResource> resources, PowerResource sought)
    {
        foreach (PowerResource resource in resources)
        {
            if (resource == sought)
            {
                return true;
            }
        }

        return false;
    }

    private void GiveUp(PowerResource[] resources, ReadOnlySpan<PowerResource> needed)
    {
        foreach (PowerResource resource in resources)
        {
            if (!IsAmong(needed, resource))
            {
                resource.TurnOff(Function);
            }
        }
    }
}
