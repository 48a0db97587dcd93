namespace VfioPm;

// What goes around every reset (drivers/pci/pci.c).
public sealed partial class PciDevice
{
    /// <summary>
    /// Prepares for a reset: in D0, since that is the state it comes back in, saved, and quiet
    /// (<c>pci_dev_save_and_disable()</c>). What a function that does not answer gives is saved too.
    /// </summary>
    internal async KernelCall SaveAndDisable()
    {
        Driver?.ResetPrepare(this);
        await PciPm.SetPowerState(this, PowerState.D0);
        SavedState.Save();
        WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);
    }

    /// <summary><c>pci_dev_restore()</c>.</summary>
    internal async KernelCall RestoreAfterReset()
    {
        await SavedState.Restore();
        Driver?.ResetDone(this);
    }
}
