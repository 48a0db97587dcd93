namespace VfioPm;

/// <summary>What goes around every reset of a function (<c>drivers/pci/pci.c</c>).</summary>
internal static class AroundReset
{
    /// <summary>
    /// Prepares a function for a reset: in D0, since that is the state it comes back in, saved, and quiet
    /// (<c>pci_dev_save_and_disable()</c>). What a function that does not answer gives is saved too.
    /// </summary>
    public static async KernelCall SaveAndDisable(PciDevice device)
    {
        device.Driver?.ResetPrepare(device);
        await PciPm.SetPowerState(device, PowerState.D0);
        await PciPm.SaveState(device);
        device.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);
    }

    /// <summary><c>pci_dev_restore()</c>.</summary>
    public static async KernelCall Restore(PciDevice device)
    {
        await PciPm.RestoreState(device);
        device.Driver?.ResetDone(device);
    }
}
