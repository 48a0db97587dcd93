namespace VfioPm;

/// <summary>
/// The copy of a function's configuration that the kernel keeps while it may be lost (<c>pci_save_state()</c>,
/// <c>pci_restore_state()</c>): the header, and of the capabilities what software controls.
/// </summary>
internal sealed class SavedState
{
    private readonly PciDevice _device;
    private readonly ConfigurationSnapshot _copy = new();
    private readonly uint[] _bars;

    public SavedState(PciDevice device)
    {
        _device = device;

        // pci_restore_bars() writes what the kernel assigned, not what was saved last.
        _bars = new uint[6];
        for (int bar = 0; bar < BarCount; bar++)
        {
            _bars[bar] = device.ReadConfig(PciRegisters.BaseAddress0 + (4 * bar), 4);
        }
    }

    public SavedState(SavedState original, PciDevice device)
    {
        _device = device;
        IsSaved = original.IsSaved;
        _bars = original._bars;
        original._copy.CopyTo(_copy);
    }

    /// <summary>Whether there is a copy; restoring uses it up (<c>state_saved</c>).</summary>
    public bool IsSaved { get; private set; }

    private int BarCount => _device.IsBridge ? 2 : 6;

    public void Forget() => IsSaved = false;

    public void Save()
    {
        _copy.Take(_device);
        IsSaved = true;
    }

    /// <summary>Gives the copy to a driver that keeps it for itself (<c>pci_store_saved_state()</c>).</summary>
    /// <returns>False if there is none.</returns>
    public bool Store(ConfigurationSnapshot target)
    {
        if (IsSaved)
        {
            _copy.CopyTo(target);
        }

        return IsSaved;
    }

    /// <summary>Takes a driver's copy for the next restore (<c>pci_load_saved_state()</c>).</summary>
    public void Load(ConfigurationSnapshot source)
    {
        source.CopyTo(_copy);
        IsSaved = true;
    }

    public void Restore()
    {
        if (!IsSaved)
        {
            return;
        }

        _copy.WriteTo(_device);
        _device.Messages.Restore();
        _device.Sriov?.RestoreState();
        IsSaved = false;
    }

    /// <summary>Writes the BARs that the kernel assigned (<c>pci_restore_bars()</c>).</summary>
    public void RestoreBars()
    {
        for (int bar = 0; bar < BarCount; bar++)
        {
            if (_bars[bar] != 0)
            {
                _device.WriteConfig(PciRegisters.BaseAddress0 + (4 * bar), 4, _bars[bar]);
            }
        }
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(IsSaved);
        if (IsSaved)
        {
            _copy.AddTo(ref hash);
        }
    }
}
