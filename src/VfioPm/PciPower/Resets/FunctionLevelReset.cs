namespace VfioPm;

/// <summary>The resets of a function alone that it has itself: of the PCI Express capability, and of Advanced Features.</summary>
internal static class FunctionLevelReset
{
    /// <summary><c>pcie_reset_flr()</c>'s probe.</summary>
    public static bool IsThere(PciDevice device) =>
        !device.Quirks.HasNoFlr && device.Express is { HasFunctionLevelReset: true };

    /// <summary><c>pci_af_flr()</c>'s probe.</summary>
    public static bool IsThereByAdvancedFeatures(PciDevice device) => !device.Quirks.HasNoFlr
        && AdvancedFeatures(device) is { } offset
        && (device.ReadConfig(offset + AdvancedFeaturesRegisters.Capabilities, 1)
            & AdvancedFeaturesRegisters.CapabilitiesBoth) == AdvancedFeaturesRegisters.CapabilitiesBoth;

    private static int? AdvancedFeatures(PciDevice device) =>
        device.Hardware.Capabilities.Find(CapabilityId.AdvancedFeatures)?.Offset;

    /// <summary><c>pcie_flr()</c>.</summary>
    public static async KernelCall<int> Reset(PciDevice device)
    {
        if (AroundReset.IsLeftAlone(device, "FLR"))
        {
            return -Errno.ENOTTY;
        }

        int status = device.Express!.Offset + ExpressRegisters.DeviceStatus;
        if (!await WaitForPending(device, status, ExpressRegisters.DeviceStatusTransactionsPending))
        {
            PciPowerLog.StillPending(device.Logger, device.Name, "function level reset");
        }

        int control = device.Express.Offset + ExpressRegisters.DeviceControl;
        device.WriteConfig(control, 2, device.ReadConfig(control, 2) | ExpressRegisters.DeviceControlInitiateFlr);
        return await WaitAfterReset(device, ReadyWait.AfterFlr);
    }

    /// <summary><c>pci_af_flr()</c>.</summary>
    public static async KernelCall<int> ResetByAdvancedFeatures(PciDevice device)
    {
        if (!IsThereByAdvancedFeatures(device))
        {
            return -Errno.ENOTTY;
        }

        int capability = AdvancedFeatures(device)!.Value;
        if (!await WaitForPending(
            device, capability + AdvancedFeaturesRegisters.Status, AdvancedFeaturesRegisters.StatusTransactionsPending))
        {
            PciPowerLog.StillPending(device.Logger, device.Name, "AF function level reset");
        }

        device.WriteConfig(capability + AdvancedFeaturesRegisters.Control, 1, AdvancedFeaturesRegisters.ControlInitiateFlr);
        return await WaitAfterReset(device, ReadyWait.AfterAfFlr);
    }

    /// <summary>Four looks, 100, 200 and 400 ms apart, whether all requests are completed (<c>pci_wait_for_pending()</c>).</summary>
    private static async KernelCall<bool> WaitForPending(PciDevice device, int offset, uint pending)
    {
        for (int look = 0; look < 4; look++)
        {
            if (look > 0)
            {
                await device.Msleep(TimeSpan.FromMilliseconds(100 << (look - 1)));
            }

            if ((device.ReadConfig(offset, 1) & pending) == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A function may drop requests silently for 100 ms, unless it says that it does not.</summary>
    private static async KernelCall<int> WaitAfterReset(PciDevice device, string what)
    {
        if (device.IsImmediatelyReady)
        {
            return 0;
        }

        await device.Msleep(TimeSpan.FromMilliseconds(100));
        return await PciPm.WaitReady(device, what, ReadyWait.DefaultTimeout);
    }
}
