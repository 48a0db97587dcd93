namespace VfioPm;

/// <summary>Resets functions (<c>drivers/pci/pci.c</c>, "reset").</summary>
public static class PciReset
{
    // In the order of preference (pci_reset_fn_methods).
    private static readonly ResetMethod[] Known = Enum.GetValues<ResetMethod>();

    /// <summary>
    /// Finds out what there is (<c>pci_init_reset_methods()</c>): when the function is added, and the first on a bus seems to be
    /// alone there; and again whenever the administrator asks for the default.
    /// </summary>
    internal static List<ResetMethod> FindMethods(PciDevice device) => [.. Known.Where(method => Supports(device, method))];

    /// <summary>Whether a method can be used now, which some functions have to be asked (<c>PCI_RESET_PROBE</c>).</summary>
    internal static bool Supports(PciDevice device, ResetMethod method) => method switch
    {
        ResetMethod.Flr => device.Express is { HasFunctionLevelReset: true },
        ResetMethod.AfFlr => HasAdvancedFeaturesReset(device),
        ResetMethod.Pm => HasResetThroughD3Hot(device),
        _ => IsAloneOnBus(device),
    };

    /// <summary>
    /// Resets the function with its configuration saved before and restored after (<c>pci_reset_function()</c>).
    /// </summary>
    /// <returns>0; -ENOTTY if there is no method or the function did not come back; what the method gave.</returns>
    public static async KernelCall<KernelResult> ResetFunction(PciDevice device)
    {
        if (!device.ResetMethods.IsSupported)
        {
            return Errno.ENOTTY;
        }

        using (await device.LockForReset())
        {
            return await ResetSaved(device);
        }
    }

    /// <summary>The same for who must not wait for the function's lock (<c>pci_try_reset_function()</c>).</summary>
    /// <returns>As <see cref="ResetFunction"/>, and -EAGAIN while somebody holds the lock.</returns>
    public static async KernelCall<KernelResult> TryResetFunction(PciDevice device)
    {
        if (!device.ResetMethods.IsSupported)
        {
            return Errno.ENOTTY;
        }

        using ResetScope held = device.TryLockForReset();
        return held.IsTaken ? await ResetSaved(device) : Errno.EAGAIN;
    }

    /// <summary>Tries the methods until one is not refused (<c>__pci_reset_function_locked()</c>).</summary>
    public static async KernelCall<KernelResult> ResetLocked(PciDevice device)
    {
        for (int i = 0; i < device.ResetMethods.Methods.Count; i++)
        {
            KernelResult result = await Reset(device, device.ResetMethods.Methods[i]);
            if (result.Errno != Errno.ENOTTY)
            {
                return result;
            }
        }

        return Errno.ENOTTY;
    }

    private static async KernelCall<KernelResult> ResetSaved(PciDevice device)
    {
        await AroundReset.SaveAndDisable(device);
        KernelResult result = await ResetLocked(device);
        await AroundReset.Restore(device);
        return result;
    }

    private static async KernelCall<KernelResult> Reset(PciDevice device, ResetMethod method) => method switch
    {
        ResetMethod.Flr => await FunctionLevelReset(device),
        ResetMethod.AfFlr => await AdvancedFeaturesReset(device),
        ResetMethod.Pm => await ResetThroughD3Hot(device),
        _ => IsAloneOnBus(device) ? await BusReset.ResetSecondary(device.Upstream!) : Errno.ENOTTY,
    };

    /// <summary>
    /// Looked at before each reset too: the first function of a device was alone when it was found
    /// (<c>pci_parent_bus_reset()</c>).
    /// </summary>
    private static bool IsAloneOnBus(PciDevice device) => !device.IsBridge && device.Upstream is { Downstream.Count: 1 };

    /// <summary><c>pcie_flr()</c>.</summary>
    private static async KernelCall<KernelResult> FunctionLevelReset(PciDevice device)
    {
        if (AroundReset.IsLeftAlone(device, "FLR"))
        {
            return Errno.ENOTTY;
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
    private static async KernelCall<KernelResult> AdvancedFeaturesReset(PciDevice device)
    {
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
                await device.Sleep(TimeSpan.FromMilliseconds(100 << (look - 1)));
            }

            if ((device.ReadConfig(offset, 1) & pending) == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A function may drop requests silently for 100 ms, unless it says that it does not.</summary>
    private static async KernelCall<KernelResult> WaitAfterReset(PciDevice device, string what)
    {
        if (device.IsImmediatelyReady)
        {
            return KernelResult.Success;
        }

        await device.Sleep(TimeSpan.FromMilliseconds(100));
        return await PciPm.WaitReady(device, what, ReadyWait.DefaultTimeout);
    }

    /// <summary><c>pci_pm_reset()</c>'s probe: where nothing answers No_Soft_Reset reads as set.</summary>
    private static bool HasResetThroughD3Hot(PciDevice device) => device.Power.Pm is { } pm
        && (device.ReadConfig(pm.ControlStatusOffset, 2) & PmRegisters.NoSoftReset) == 0;

    /// <summary><c>pci_pm_reset()</c>: only from D0, and only where leaving D3hot resets.</summary>
    private static async KernelCall<KernelResult> ResetThroughD3Hot(PciDevice device)
    {
        if (!HasResetThroughD3Hot(device))
        {
            return Errno.ENOTTY;
        }

        int offset = device.Power.Pm!.ControlStatusOffset;
        uint pmcsr = device.ReadConfig(offset, 2);

        if (device.PowerState != PowerState.D0)
        {
            return Errno.EINVAL;
        }

        uint inD0 = pmcsr & ~(uint)PmRegisters.StateMask;
        device.WriteConfig(offset, 2, inD0 | (uint)PowerState.D3Hot);
        await device.Sleep(PciPm.TransitionDelay(device, PowerState.D3Hot));
        device.WriteConfig(offset, 2, inD0);
        await device.Sleep(PciPm.TransitionDelay(device, PowerState.D3Hot));
        return await PciPm.WaitReady(device, ReadyWait.AfterPmReset, ReadyWait.DefaultTimeout);
    }

    /// <summary><c>pci_af_flr()</c>'s probe.</summary>
    private static bool HasAdvancedFeaturesReset(PciDevice device) => AdvancedFeatures(device) is { } offset
        && (device.ReadConfig(offset + AdvancedFeaturesRegisters.Capabilities, 1)
            & AdvancedFeaturesRegisters.CapabilitiesFlr) != 0;

    private static int? AdvancedFeatures(PciDevice device) =>
        device.Hardware.Capabilities.Find(CapabilityId.AdvancedFeatures)?.Offset;
}
