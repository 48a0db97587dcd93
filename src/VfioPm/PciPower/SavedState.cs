namespace VfioPm;

/// <summary>
/// The copy of a function's configuration that the kernel keeps while it may be lost (<c>pci_save_state()</c>,
/// <c>pci_restore_state()</c>): the header, and of the capabilities what software controls.
/// </summary>
internal sealed class SavedState
{
    private const int HeaderDwords = PciRegisters.HeaderSize / 4;

    // The registers of the PCI Express capability that are saved, in order (PCIe Base 7.5.3; all 16 bits wide):
    // Device, Link, Slot and Root Control, and the second Device, Link and Slot Control.
    private static readonly int[] ExpressRegisters = [0x08, 0x10, 0x18, 0x1c, 0x28, 0x30, 0x38];

    private readonly PciDevice _device;
    private readonly uint[] _header = new uint[HeaderDwords];
    private readonly ushort[] _express = new ushort[ExpressRegisters.Length];
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
        original._header.CopyTo(_header, 0);
        original._express.CopyTo(_express, 0);
    }

    /// <summary>Whether there is a copy; restoring uses it up (<c>state_saved</c>).</summary>
    public bool IsSaved { get; private set; }

    private int BarCount => _device.IsBridge ? 2 : 6;

    public void Forget() => IsSaved = false;

    public void Save()
    {
        for (int index = 0; index < HeaderDwords; index++)
        {
            _header[index] = _device.ReadConfig(4 * index, 4);
        }

        if (_device.ExpressOffset is { } express)
        {
            for (int i = 0; i < ExpressRegisters.Length; i++)
            {
                _express[i] = (ushort)_device.ReadConfig(express + ExpressRegisters[i], 2);
            }
        }

        IsSaved = true;
    }

    public void Restore()
    {
        if (!IsSaved)
        {
            return;
        }

        if (_device.ExpressOffset is { } express)
        {
            for (int i = 0; i < ExpressRegisters.Length; i++)
            {
                _device.WriteConfig(express + ExpressRegisters[i], 2, _express[i]);
            }
        }

        // From the end, so that the BARs are right before Command lets the function decode them.
        for (int index = HeaderDwords - 1; index >= 0; index--)
        {
            RestoreDword(index);
        }

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
            foreach (uint dword in _header)
            {
                hash.Add(dword);
            }

            foreach (ushort word in _express)
            {
                hash.Add(word);
            }
        }
    }

    /// <summary>What is right already is not written: some registers do not like it.</summary>
    private void RestoreDword(int index)
    {
        if (_device.ReadConfig(4 * index, 4) != _header[index])
        {
            _device.WriteConfig(4 * index, 4, _header[index]);
        }
    }
}
