namespace VfioPm;

/// <summary>What goes around every reset of a function (<c>drivers/pci/pci.c</c>).</summary>
internal static class AroundReset
{
    /// <summary>
    /// Prepares a function for a reset: in D0, since that is the state it comes back in, saved, and quiet
    /// (<c>pci_dev_save_and_disable()</c>). What a function that does not answer gives is saved too by older kernels.
    /// </summary>
    public static async KernelCall SaveAndDisable(PciDevice device)
    {
        await Tell(device, DriverFunction.ResetPrepare, "resetting");

        await PciPm.SetPowerState(device, PowerState.D0);
        if (IsLeftAlone(device, "save state"))
        {
            return;
        }

        await PciPm.SaveState(device);
        device.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);
    }

    /// <summary>
    /// Whether a function does not answer, for which some kernels leave it alone: by Command and Status, since a virtual
    /// function's IDs always read as all ones (<c>pci_dev_config_accessible()</c>).
    /// </summary>
    /// <param name="device">The function.</param>
    /// <param name="what">What cannot be done then, for the log.</param>
    public static bool IsLeftAlone(PciDevice device, string what)
    {
        bool isSilent = device.Rules.LeavesSilentFunctionsAlone && device.ReadConfig(PciRegisters.Command, 4) == uint.MaxValue;
        if (isSilent)
        {
            PciPowerLog.Silent(device.Logger, device.Name, what);
        }

        return isSilent;
    }

    /// <summary><c>pci_dev_restore()</c>.</summary>
    public static async KernelCall Restore(PciDevice device)
    {
        await PciPm.RestoreState(device);
        await Tell(device, DriverFunction.ResetDone, "reset done");
    }

    private static async KernelCall Tell(PciDevice device, DriverFunction function, string otherwise)
    {
        if (device.Driver is { HasResetHandlers: true } driver)
        {
            await DriverCall.Invoke(driver, device, function);
        }
        else if (device.Driver is not null && device.Rules.SaysThatItResets)
        {
            PciPowerLog.Untold(device.Logger, device.Name, otherwise);
        }
    }
}
