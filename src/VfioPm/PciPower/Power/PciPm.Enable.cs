namespace VfioPm;

// Enabling a function for its driver.
internal static partial class PciPm
{
    /// <summary>
    /// Brings a function to D0 and lets it decode its BARs (<c>pci_enable_device()</c>); after the first time
    /// only counts.
    /// </summary>
    public static async KernelCall<KernelResult> Enable(PciDevice device)
    {
        device.Power.Update(device.PowerState);
        if (++device.Enabling.Count > 1)
        {
            return KernelResult.Success;
        }

        KernelResult result = await SetPowerState(device, PowerState.D0);
        if (result.IsError && result.Errno != Errno.EIO)
        {
            device.Enabling.Count--;
            return result;
        }

        device.Enabling.EnableDecoding();
        return KernelResult.Success;
    }

    /// <summary>Takes one enabling back; the last ends bus mastering (<c>pci_disable_device()</c>).</summary>
    public static void Disable(PciDevice device)
    {
        if (--device.Enabling.Count == 0)
        {
            device.Enabling.ClearMaster();
        }
    }
}
