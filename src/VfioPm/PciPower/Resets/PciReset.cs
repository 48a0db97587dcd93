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
    internal static ResetMethod[] FindMethods(PciDevice device) =>
        device.Hardware.Configuration.Layout.Common.For<ResetMethod>([.. Known.Where(method => Supports(device, method))]);

    /// <summary>Whether a method can be used now, which some functions have to be asked (<c>PCI_RESET_PROBE</c>).</summary>
    internal static bool Supports(PciDevice device, ResetMethod method) => method switch
    {
        ResetMethod.DeviceSpecific => DeviceSpecificReset.Find(device) is { } own && own.IsThere(device),
        ResetMethod.Acpi => device.Platform is { HasReset: true },
        ResetMethod.Flr => FunctionLevelReset.IsThere(device),
        ResetMethod.AfFlr => FunctionLevelReset.IsThereByAdvancedFeatures(device),
        ResetMethod.Pm => HasResetThroughD3Hot(device),
        ResetMethod.Bus => HasBusReset(device),
        _ => device.Bus.Rules.HasCxlBusReset && CxlPort.Find(device.Upstream) is not null,
    };

    /// <summary>
    /// Resets the function with its configuration saved before and restored after (<c>pci_reset_function()</c>).
    /// </summary>
    /// <returns>0; -ENOTTY if there is no method or the function did not come back; what the method gave.</returns>
    public static async KernelCall<int> ResetFunction(PciDevice device)
    {
        if (!device.ResetMethods.IsSupported)
        {
            return -Errno.ENOTTY;
        }

        PciDevice? bridge = device.Bus.Rules.ResetHoldsBridge ? device.Upstream : null;
        using (bridge is null ? default : await bridge.LockForReset())
        using (await device.LockForReset())
        {
            return await ResetSaved(device);
        }
    }

    /// <summary>The same for who must not wait for the function's lock (<c>pci_try_reset_function()</c>).</summary>
    /// <returns>As <see cref="ResetFunction"/>, and -EAGAIN while somebody holds the lock.</returns>
    public static async KernelCall<int> TryResetFunction(PciDevice device)
    {
        if (!device.ResetMethods.IsSupported)
        {
            return -Errno.ENOTTY;
        }

        using ResetScope held = device.TryLockForReset();
        return held.IsTaken ? await ResetSaved(device) : -Errno.EAGAIN;
    }

    /// <summary>Tries the methods until one is not refused (<c>__pci_reset_function_locked()</c>).</summary>
    public static async KernelCall<int> ResetLocked(PciDevice device)
    {
        for (int i = 0; i < device.ResetMethods.Methods.Count; i++)
        {
            int result = await Reset(device, device.ResetMethods.Methods[i]);
            if (result != -Errno.ENOTTY)
            {
                return result;
            }
        }

        return -Errno.ENOTTY;
    }

    private static async KernelCall<int> ResetSaved(PciDevice device)
    {
        await AroundReset.SaveAndDisable(device);
        int result = await ResetLocked(device);
        await AroundReset.Restore(device);
        return result;
    }

    private static async KernelCall<int> Reset(PciDevice device, ResetMethod method) => method switch
    {
        ResetMethod.DeviceSpecific => DeviceSpecificReset.Find(device) is { } own ? await own.Reset(device) : -Errno.ENOTTY,
        ResetMethod.Acpi => ResetByFirmware(device),
        ResetMethod.Flr => FunctionLevelReset.IsThere(device) ? await FunctionLevelReset.Reset(device) : -Errno.ENOTTY,
        ResetMethod.AfFlr => await FunctionLevelReset.ResetByAdvancedFeatures(device),
        ResetMethod.Pm => await ResetThroughD3Hot(device),
        ResetMethod.Bus => await ResetBus(device),
        _ => await ResetCxlBus(device),
    };

    /// <summary>
    /// <c>pci_reset_bus_function()</c>'s probe. A CXL port swallows the reset unless it is told not to, which kernels before 7.0
    /// find out only when they try: there they do not look for others on the bus either.
    /// </summary>
    private static bool HasBusReset(PciDevice device) =>
        IsMasked(device) ? !device.Bus.Rules.ProbesCxlPort : HasSlotReset(device) || IsAloneOnBus(device);

    private static async KernelCall<int> ResetBus(PciDevice device)
    {
        if (IsMasked(device))
        {
            return -Errno.ENOTTY;
        }

        int result = HasSlotReset(device) ? await BusReset.ResetSecondary(device.Upstream!) : -Errno.ENOTTY;
        return result == -Errno.ENOTTY && IsAloneOnBus(device) ? await BusReset.ResetSecondary(device.Upstream!) : result;
    }

    /// <summary>Linux 7.3 asks only ports below which CXL is spoken.</summary>
    private static bool IsMasked(PciDevice device) => device.Bus.Rules.HasCxlBusReset
        && CxlPort.Find(device.Upstream) is { MasksReset: true }
        && (!device.Bus.Rules.ProbesCxlPort || CxlPort.Speaks(device.Upstream!));

    /// <summary>
    /// A slot that is served for hotplug resets its card as a bus is reset, which comes next where the card does not come back. It does not ask
    /// who else is on the bus, only whether the card says that it has several functions (<c>pci_dev_reset_slot_function()</c>).
    /// </summary>
    private static bool HasSlotReset(PciDevice device) => device is { IsBridge: false, Quirks.HasNoBusReset: false, Upstream.SlotName: not null }
        && (device.Address.Device == 0 || device.Bus.Rules.IsWholeBusInSlot)
        && !device.Config.Found.Has(PciRegisters.HeaderType, 1, PciRegisters.HeaderTypeMultifunction);

    /// <summary><c>cxl_reset_bus_function()</c>: the port lets the reset through for as long as it takes.</summary>
    private static async KernelCall<int> ResetCxlBus(PciDevice device)
    {
        if (CxlPort.Find(device.Upstream) is not { } port)
        {
            return -Errno.ENOTTY;
        }

        bool masked = port.MasksReset;
        port.LetThrough(true);
        int result = await ResetBus(device);
        port.LetThrough(!masked);
        return result;
    }

    /// <summary><c>pci_dev_acpi_reset()</c>: the firmware comes back when the function can be used again.</summary>
    private static int ResetByFirmware(PciDevice device)
    {
        if (device.Platform is not { HasReset: true } platform)
        {
            return -Errno.ENOTTY;
        }

        platform.Reset();
        return 0;
    }

    /// <summary>
    /// Looked at before each reset too: the first function of a device was alone when it was found
    /// (<c>pci_parent_bus_reset()</c>).
    /// </summary>
    private static bool IsAloneOnBus(PciDevice device) =>
        !device.IsBridge && !device.Quirks.HasNoBusReset && device.Upstream is { Downstream.Count: 1 };

    /// <summary><c>pci_pm_reset()</c>'s probe: where nothing answers No_Soft_Reset reads as set.</summary>
    private static bool HasResetThroughD3Hot(PciDevice device) => device.Power.Pm is { } pm
        && !(device.Quirks.HasNoPmReset && device.Upstream is not null)
        && (device.ReadConfig(pm.ControlStatusOffset, 2) & PmRegisters.NoSoftReset) == 0;

    /// <summary><c>pci_pm_reset()</c>: only from D0, and only where leaving D3hot resets.</summary>
    private static async KernelCall<int> ResetThroughD3Hot(PciDevice device)
    {
        if (!HasResetThroughD3Hot(device))
        {
            return -Errno.ENOTTY;
        }

        int offset = device.Power.Pm!.ControlStatusOffset;
        uint pmcsr = device.ReadConfig(offset, 2);

        if (device.PowerState != PowerState.D0)
        {
            return -Errno.EINVAL;
        }

        uint inD0 = pmcsr & ~(uint)PmRegisters.StateMask;
        device.WriteConfig(offset, 2, inD0 | (uint)PowerState.D3Hot);
        await PciPm.AwaitTransition(device, PowerState.D3Hot);
        device.WriteConfig(offset, 2, inD0);
        await PciPm.AwaitTransition(device, PowerState.D3Hot);
        return await PciPm.WaitReady(device, ReadyWait.AfterPmReset, ReadyWait.DefaultTimeout);
    }
}
