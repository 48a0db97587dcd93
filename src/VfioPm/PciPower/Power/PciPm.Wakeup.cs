namespace VfioPm;

// Who wakes whom.
internal static partial class PciPm
{
    /// <summary>Prepares a function to wake the system from a state, or undoes that (<c>__pci_enable_wake()</c>).</summary>
    private static KernelCall EnableWake(PciPmDevice device, PowerState state, bool enable) =>
        !IsPowerManageable(device) || enable == device.Wakeup.IsPrepared ? KernelCall.Returned
        : enable ? PrepareToWake(device, state)
        : ForgetToWake(device);

    private static async KernelCall ForgetToWake(PciPmDevice device)
    {
        await SetPmeActive(device, false);
        device.Wakeup.IsPrepared = false;
    }

    private static async KernelCall PrepareToWake(PciPmDevice device, PowerState state)
    {
        // From D3cold too: the function may end up there when a bridge above loses its power.
        bool canSignal = device.Power.Pm is { } pm && (pm.SupportsPmeFrom(state) || pm.SupportsPmeFrom(PowerState.D3Cold));
        if (canSignal)
        {
            await SetPmeActive(device, true);
        }

        device.Wakeup.IsPrepared = canSignal || device.Wakeup.IsWired;
    }

    /// <summary>Lets a function assert PME#, and polls it meanwhile (<c>pci_pme_active()</c>).</summary>
    public static async KernelCall SetPmeActive(PciPmDevice device, bool enable)
    {
        if (device.Power.Pm is { SupportsPme: true })
        {
            await SetPmeEnable(device, enable);
            device.PollForPme(enable);
        }
    }

    /// <summary>
    /// Looks whether the function asserts PME#, and takes that back (<c>pci_check_pme_status()</c>): PME_Status is
    /// cleared, and PME_En too, so that it does not come again before the function is awake.
    /// </summary>
    public static async KernelCall<bool> TakePme(PciPmDevice device)
    {
        uint pmcsr = await ReadPmcsr(device);
        if ((pmcsr & PmRegisters.PmeStatus) == 0)
        {
            return false;
        }

        await WritePmcsr(device, pmcsr & ~(uint)PmRegisters.PmeEnable);
        return (pmcsr & PmRegisters.PmeEnable) != 0;
    }

    /// <summary>After a resume PME is set as it was to be, since a reset may have changed it (<c>pci_pme_restore()</c>).</summary>
    private static KernelCall RestorePme(PciPmDevice device) =>
        device.Power.Pm is not { SupportsPme: true } ? KernelCall.Returned
        : device.Wakeup.IsPrepared ? UpdatePmcsr(device, PmRegisters.PmeStatus, PmRegisters.PmeEnable)
        : SetPmeEnable(device, false);

    /// <summary>Clears PME_Status, which is done by writing it, and sets PME_En (<c>__pci_pme_active()</c>).</summary>
    private static KernelCall SetPmeEnable(PciPmDevice device, bool enable) => enable
        ? UpdatePmcsr(device, clear: 0, PmRegisters.PmeStatus | PmRegisters.PmeEnable)
        : UpdatePmcsr(device, PmRegisters.PmeEnable, PmRegisters.PmeStatus);

    /// <summary>
    /// Whether a suspended function could ask to be woken (<c>pci_dev_run_wake()</c>): by itself or through a
    /// bridge above.
    /// </summary>
    private static bool CanWakeAtRunTime(PciPmDevice function)
    {
        PciPower power = function.Power;
        if (power.Pm is not { SupportsPme: true } || !power.Pm.SupportsPmeFrom(power.ChooseTarget(wakes: true)))
        {
            return false;
        }

        for (PciPmDevice? device = function; device is not null; device = device.Upstream)
        {
            if (device.CanWakeUp)
            {
                return true;
            }
        }

        return false;
    }
}
