namespace VfioPm;

// Enabling a function's decoding for a driver (drivers/pci/pci.c, "enable").
public sealed partial class PciDevice
{
    private int _enableCount;

    /// <summary>Whether a driver has enabled the function (sysfs <c>enable</c>).</summary>
    public int EnableCount => _enableCount;

    /// <summary>
    /// Brings the function to D0 and lets it decode its BARs (<c>pci_enable_device()</c>); after the first time
    /// only counts.
    /// </summary>
    internal async KernelCall<KernelResult> Enable()
    {
        UpdateCurrentState(PowerState);
        if (++_enableCount > 1)
        {
            return KernelResult.Success;
        }

        KernelResult result = await PciPm.SetPowerState(this, PowerState.D0);
        if (result.IsError && result.Errno != Errno.EIO)
        {
            _enableCount--;
            return result;
        }

        EnableDecoding();
        return KernelResult.Success;
    }

    /// <summary>Takes one enabling back; the last ends bus mastering (<c>pci_disable_device()</c>).</summary>
    internal void Disable()
    {
        if (--_enableCount == 0)
        {
            ClearMaster();
        }
    }

    /// <summary>Ends bus mastering (<c>pci_clear_master()</c>).</summary>
    internal void ClearMaster() => UpdateCommand(clear: PciRegisters.CommandMaster, set: 0);

    /// <summary>Clears and sets bits of COMMAND, writing only if something changes.</summary>
    internal void UpdateCommand(uint clear, uint set)
    {
        uint before = ReadConfig(PciRegisters.Command, 2);
        uint after = (before & ~clear) | set;
        if (after != before)
        {
            WriteConfig(PciRegisters.Command, 2, after);
        }
    }

    /// <summary><c>pci_enable_resources()</c>, and INTx is let through for a function that has a pin.</summary>
    private void EnableDecoding()
    {
        uint set = 0;
        foreach (Bar bar in Hardware.Bars)
        {
            if (bar.Index != Bar.RomIndex)
            {
                set |= bar.IsIo ? (uint)PciRegisters.CommandIo : PciRegisters.CommandMemory;
            }
        }

        bool hasPin = ReadConfig(PciRegisters.InterruptPin, 1) != 0;
        UpdateCommand(clear: hasPin ? (uint)PciRegisters.CommandInterruptDisable : 0, set);
    }
}
