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
    internal KernelResult SetPowerState(PowerState state)
    {
        PowerTransition transition = BeginPowerTransition(state);
        KernelResult result = Pci.SetPowerState(state);
        EndPowerTransition(transition, result);
        return result;
    }

    /// <summary>The part of it before the PCI core changes the state.</summary>
    internal PowerTransition BeginPowerTransition(PowerState state)
    {
        bool keeps = Rules.KeepsStateOverD3 && _softResets;
        if (keeps && Pci.PowerState < PowerState.D3Hot && state >= PowerState.D3Hot)
        {
            Pci.SavedState.Save();
            return PowerTransition.Saves;
        }

        return keeps && Pci.PowerState >= PowerState.D3Hot && state <= PowerState.D0
            ? PowerTransition.Restores
            : PowerTransition.Plain;
    }

    /// <summary>The part of it after that.</summary>
    internal void EndPowerTransition(PowerTransition transition, KernelResult result)
    {
        if (result.Value != 0)
        {
            return;
        }

        if (transition == PowerTransition.Saves && Pci.PowerState >= PowerState.D3Hot)
        {
            _hasStateBeforeD3 = Pci.SavedState.Store(_stateBeforeD3);
        }
        else if (transition == PowerTransition.Restores)
        {
            Reload(ref _hasStateBeforeD3, _stateBeforeD3);
            Pci.SavedState.Restore();
        }
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
