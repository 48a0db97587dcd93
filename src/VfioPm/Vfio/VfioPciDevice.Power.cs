namespace VfioPm;

// Power states, and the configuration that a way through D3 may lose (vfio_pci_core.c).
public sealed partial class VfioPciDevice
{
    private readonly ConfigurationSnapshot _stateBeforeD3;
    private bool _hasStateBeforeD3;
    private bool _softResets;

    /// <summary>The user's permission to sleep (Linux 6.1 and later).</summary>
    internal LowPower LowPower { get; }

    /// <summary>
    /// Whether memory may be accessed (<c>__vfio_pci_memory_enabled()</c>): the user enabled it and, since
    /// Linux 5.19, the function is not in D3.
    /// </summary>
    internal bool IsMemoryEnabled =>
        Configuration is { IsMemoryEnabled: true } && !(Rules.FencesMemoryInD3 && Pci.PowerState >= PowerState.D3Hot);

    /// <summary>
    /// Whether an access through a mapping reaches the device; elsewise it ends in SIGBUS
    /// (<c>vfio_pci_mmap_fault()</c>).
    /// </summary>
    internal bool IsMappingUsable => IsMemoryEnabled && !LowPower.IsEngaged;

    /// <summary>
    /// Changes the power state, with the configuration kept by the driver where D3 loses it
    /// (<c>vfio_pci_set_power_state()</c>).
    /// </summary>
    /// <returns>What the PCI core gave; -EBUSY below D0 while virtual functions need the function there.</returns>
    internal async KernelCall<KernelResult> SetPowerState(PowerState state)
    {
        if (state > PowerState.D0 && IsKeptAwakeByVirtualFunctions)
        {
            return Errno.EBUSY;
        }

        bool keeps = Rules.KeepsStateOverD3 && _softResets;
        bool saves = keeps && Pci.PowerState < PowerState.D3Hot && state >= PowerState.D3Hot;
        bool restores = keeps && Pci.PowerState >= PowerState.D3Hot && state <= PowerState.D0;
        if (saves)
        {
            Pci.SavedState.Save();
        }

        KernelResult result = await PciPm.SetPowerState(Pci, state);
        if (result.Value == 0 && saves && Pci.PowerState >= PowerState.D3Hot)
        {
            _hasStateBeforeD3 = Pci.SavedState.Store(_stateBeforeD3);
        }
        else if (result.Value == 0 && restores)
        {
            Reload(ref _hasStateBeforeD3, _stateBeforeD3);
            await Pci.SavedState.Restore();
        }

        return result;
    }

    private static void Add(ref StateHash hash, bool has, ConfigurationSnapshot snapshot)
    {
        hash.Add(has);
        if (has)
        {
            snapshot.AddTo(ref hash);
        }
    }

    /// <summary><c>pci_load_and_free_saved_state()</c>.</summary>
    private void Reload(ref bool has, ConfigurationSnapshot snapshot)
    {
        if (has)
        {
            Pci.SavedState.Load(snapshot);
        }
        else
        {
            Pci.SavedState.Forget();
        }

        has = false;
    }
}
