namespace VfioPm;

// Who wakes whom.
public static partial class PciPm
{
    /// <summary>Prepares a function to wake the system from a state, or undoes that (<c>pci_enable_wake()</c>).</summary>
    /// <returns>
    /// 0; -EINVAL to be prepared where user space does not want it (sysfs <c>power/wakeup</c>); what the firmware gave where the
    /// function cannot assert PME# itself.
    /// </returns>
    public static KernelCall<int> EnableWake(PciPmDevice device, PowerState state, bool enable)
    {
        ArgumentNullException.ThrowIfNull(device);
        return enable && !device.MayWakeUp ? -Errno.EINVAL : SetWake(device, state, enable);
    }

    /// <summary>The same for the deepest state that the function can wake from (<c>pci_wake_from_d3()</c>).</summary>
    /// <inheritdoc cref="EnableWake"/>
    public static KernelCall<int> WakeFromD3(PciPmDevice device, bool enable)
    {
        ArgumentNullException.ThrowIfNull(device);
        bool fromD3Cold = device.Power.SupportsPmeFrom(PowerState.D3Cold);
        return EnableWake(device, fromD3Cold ? PowerState.D3Cold : PowerState.D3Hot, enable);
    }

    /// <summary>
    /// Puts a function to the deepest state that is allowed, and prepares it to wake the system where user space wants that
    /// (<c>pci_prepare_to_sleep()</c>).
    /// </summary>
    /// <returns>As <see cref="SetPowerState"/>.</returns>
    public static async KernelCall<int> PrepareToSleep(PciPmDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        bool wakes = device.MayWakeUp;
        PowerState target = ChooseTarget(device, wakes);
        await EnableWake(device, target, wakes);
        int result = await SetPowerState(device, target);
        if (result != 0)
        {
            await EnableWake(device, target, enable: false);
        }

        return result;
    }

    /// <summary>Back to D0, where nobody need wake it (<c>pci_back_from_sleep()</c>).</summary>
    /// <returns>As <see cref="SetPowerState"/>.</returns>
    public static async KernelCall<int> BackFromSleep(PciPmDevice device)
    {
        int result = await SetPowerState(device, PowerState.D0);
        return result != 0 ? result : await EnableWake(device, PowerState.D0, enable: false);
    }

    /// <summary>
    /// <c>__pci_enable_wake()</c>: bridges that cannot be managed signal only for those below, which is set up with those.
    /// </summary>
    private static KernelCall<int> SetWake(PciPmDevice device, PowerState state, bool enable) =>
        !IsPowerManageable(device) || enable == device.Wakeup.IsPrepared ? 0
        : enable ? PrepareToWake(device, state)
        : ForgetToWake(device);

    private static async KernelCall<int> ForgetToWake(PciPmDevice device)
    {
        device.SetFirmwareWakeup(false);
        await SetPmeActive(device, false);
        device.Wakeup.IsPrepared = false;
        return 0;
    }

    private static async KernelCall<int> PrepareToWake(PciPmDevice device, PowerState state)
    {
        // From D3cold too: the function may end up there when a bridge above loses its power.
        if (device.Power.SupportsPmeFrom(state) || device.Power.SupportsPmeFrom(PowerState.D3Cold))
        {
            await SetPmeActive(device, true);
        }

        device.SetFirmwareWakeup(true);

        // What the firmware is asked for succeeds, even where it has nothing to do: it then speaks for a root bus.
        device.Wakeup.IsPrepared = true;
        return 0;
    }

    /// <summary>Lets a function assert PME#, and polls it meanwhile (<c>pci_pme_active()</c>).</summary>
    public static async KernelCall SetPmeActive(PciPmDevice device, bool enable)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Power.SupportsPme)
        {
            await SetPmeEnable(device, enable);
            if (device.Wakeup.IsPolled)
            {
                await device.PollForPme(enable);
            }
        }
    }

    /// <summary>
    /// Looks whether the function asserts PME#, and takes that back (<c>pci_check_pme_status()</c>): PME_Status is
    /// cleared, and PME_En too, so that it does not come again before the function is awake.
    /// </summary>
    internal static async KernelCall<bool> TakePme(PciPmDevice device)
    {
        if (device.Power.Pm is null)
        {
            return false;
        }

        uint pmcsr = await ReadPmcsr(device);
        if ((pmcsr & PmRegisters.PmeStatus) == 0)
        {
            return false;
        }

        await WritePmcsr(device, pmcsr & ~(uint)PmRegisters.PmeEnable);
        return (pmcsr & PmRegisters.PmeEnable) != 0;
    }

    /// <summary>Who was found to want to be awake is counted (<c>pci_wakeup_event()</c>).</summary>
    internal static void ReportWakeup(PciPmDevice device)
    {
        if (device.Wakeup.Source is { } source)
        {
            source.Report(device.Kernel, device.Core.Transition);
        }
    }

    /// <summary>After a resume PME is set as it was to be, since a reset may have changed it (<c>pci_pme_restore()</c>).</summary>
    private static KernelCall RestorePme(PciPmDevice device) =>
        !device.Power.SupportsPme ? KernelCall.Returned
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
        if (!power.SupportsPme || !power.SupportsPmeFrom(ChooseTarget(function, wakes: true)))
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
