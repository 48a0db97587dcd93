namespace VfioPm;

/// <summary>
/// The copy of a function's configuration that the kernel keeps while it may be lost (<c>pci_save_state()</c>,
/// <c>pci_restore_state()</c>), together with what it restores from its own knowledge.
/// </summary>
internal sealed class SavedState : INumbered
{
    private readonly PciDevice _device;
    private readonly SavedRegister[] _registers;
    private readonly ConfigurationSnapshot _copy;
    private readonly ConfigurationSnapshot _copyOfPort;
    private readonly bool _isRoot;
    private readonly uint[] _bars;

    public SavedState(PciDevice device)
    {
        _device = device;
        var layout = SavedLayout.Of(device);
        _isRoot = layout.IsRoot;
        _registers = SavedRegisters.Of(layout);
        _copy = new ConfigurationSnapshot(_registers);
        _copyOfPort = new ConfigurationSnapshot(SavedRegisters.OfPortAbove(layout, device.Upstream));

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
        _isRoot = original._isRoot;
        _bars = original._bars;
        _registers = original._registers;
        _copy = new ConfigurationSnapshot(original._copy);
        _copyOfPort = new ConfigurationSnapshot(original._copyOfPort);
    }

    /// <summary>Whether there is a copy; restoring uses it up (<c>state_saved</c>).</summary>
    public bool IsSaved { get; private set; }

    int INumbered.Index => _device.RuntimePm.Index;

    private int BarCount => _device.IsBridge ? 2 : 6;

    /// <summary>Room for a copy that a driver keeps for itself.</summary>
    public StoredState NewStored() => new(_registers);

    public void Forget() => IsSaved = false;

    public void Save()
    {
        _copy.Take(_device);
        if (_device.Upstream is { } port)
        {
            _copyOfPort.Take(port);
        }

        IsSaved = true;
    }

    /// <summary>Gives the copy, if there is one, to a driver that keeps it for itself (<c>pci_store_saved_state()</c>).</summary>
    public void Store(StoredState target) => target.Take(IsSaved ? _copy : null);

    /// <summary>
    /// Takes a driver's copy for the next restore, if it has one; it has not afterwards
    /// (<c>pci_load_and_free_saved_state()</c>).
    /// </summary>
    public void LoadOrForget(StoredState source) => IsSaved = source.GiveTo(_copy);

    public KernelCall Restore()
    {
        if (!IsSaved)
        {
            return KernelCall.Returned;
        }

        if (_device.Upstream is { } port)
        {
            _copyOfPort.WriteTo(port);
        }

        RestoredSettings.RestoreBarSizes(_device);
        RestoredSettings.ClearErrors(_device, _isRoot);
        _copy.WriteTo(_device);
        _device.Messages.Restore();
        RestoredSettings.EnableAccessControl(_device);
        if (_device.Sriov is { } sriov)
        {
            return FinishRestore(sriov);
        }

        IsSaved = false;
        return KernelCall.Returned;
    }

    private async KernelCall FinishRestore(PciSriov sriov)
    {
        await sriov.RestoreState();
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

    public IForkable Fork(ForkContext fork) => fork.Of(_device).SavedState;

    public void AddTo(ref StateHash hash)
    {
        hash.Add(IsSaved);
        if (IsSaved)
        {
            _copy.AddTo(ref hash);
            _copyOfPort.AddTo(ref hash);
        }
    }
}
