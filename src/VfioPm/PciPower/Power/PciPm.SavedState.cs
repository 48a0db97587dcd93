namespace VfioPm;

// The configuration, kept over a sleep or a reset.
public static partial class PciPm
{
    /// <summary><c>pci_save_state()</c>: all ones too, of a function that does not answer.</summary>
    public static async KernelCall SaveState(PciPmDevice device)
    {
        await device.Config.Save(device.SavedState.Copy);
        if (device.SavedState.CopyOfPort is { } copyOfPort)
        {
            await device.Upstream!.Config.Save(copyOfPort);
        }

        device.SavedState.IsSaved = true;
    }

    /// <summary>Writes the copy back, and what the kernel knows itself (<c>pci_restore_state()</c>).</summary>
    public static async KernelCall RestoreState(PciPmDevice device)
    {
        if (!device.SavedState.IsRestorable)
        {
            return;
        }

        if (device.SavedState.CopyOfPort is { } copyOfPort)
        {
            await device.Upstream!.Config.Restore(copyOfPort);
        }

        await device.SavedState.Settings.RestoreBarSizes(device.Config);
        await device.Config.Restore(device.SavedState.Copy);
        await device.RestoreOfHost();
        device.SavedState.IsSaved = false;
    }

    /// <summary>Writes the BARs that the kernel assigned (<c>pci_restore_bars()</c>).</summary>
    private static async KernelCall RestoreBars(PciPmDevice device)
    {
        for (int bar = 0; bar < device.SavedState.Bars.Length; bar++)
        {
            if (device.SavedState.Bars[bar] is not 0 and uint assigned)
            {
                await device.Config.Write(PciRegisters.BaseAddress0 + (4 * bar), 4, assigned);
            }
        }
    }
}
