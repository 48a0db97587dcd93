namespace VfioPm;

/// <summary>How often a function was enabled, and COMMAND, which enables it (<c>drivers/pci/pci.c</c>, "enable").</summary>
internal sealed class PciEnabling
{
    private readonly PciFunction _hardware;

    public PciEnabling(PciFunction hardware) => _hardware = hardware;

    public PciEnabling(PciEnabling original, PciFunction hardware)
        : this(hardware) => Count = original.Count;

    /// <summary>How many drivers enabled the function (<c>enable_cnt</c>, sysfs <c>enable</c>).</summary>
    public int Count { get; set; }

    /// <summary>Ends bus mastering (<c>pci_clear_master()</c>).</summary>
    public void ClearMaster() => UpdateCommand(clear: PciRegisters.CommandMaster, set: 0);

    /// <summary>Lets the function assert its pin, or not (<c>pci_intx()</c>).</summary>
    public void SetIntx(bool enable) => UpdateCommand(
        clear: enable ? PciRegisters.CommandInterruptDisable : 0u,
        set: enable ? 0u : PciRegisters.CommandInterruptDisable);

    /// <summary>
    /// Lets the function decode its BARs (<c>pci_enable_resources()</c>), and INTx through for one that has a pin.
    /// </summary>
    public void EnableDecoding()
    {
        uint set = 0;
        foreach (Bar bar in _hardware.Bars)
        {
            if (bar.Index != Bar.RomIndex)
            {
                set |= bar.IsIo ? (uint)PciRegisters.CommandIo : PciRegisters.CommandMemory;
            }
        }

        bool hasPin = _hardware.ReadCycle(PciRegisters.InterruptPin, 1) != 0;
        UpdateCommand(clear: hasPin ? (uint)PciRegisters.CommandInterruptDisable : 0, set);
    }

    /// <summary>Clears and sets bits of COMMAND, writing only if something changes.</summary>
    public void UpdateCommand(uint clear, uint set)
    {
        uint before = _hardware.ReadCycle(PciRegisters.Command, 2);
        uint after = (before & ~clear) | set;
        if (after != before)
        {
            _hardware.WriteCycle(PciRegisters.Command, 2, after);
        }
    }

    public void AddTo(ref StateHash hash) => hash.Add(Count);
}
