namespace VfioPm;

// The bus type's callbacks of system sleep, on the way down (drivers/pci/pci-driver.c).
public static partial class PciPm
{
    /// <summary>A function comes to a phase of system sleep (<c>pci_dev_pm_ops</c>).</summary>
    internal static KernelCall<int> PassSleepPhase(PciPmDevice device, SleepPhase phase) => phase switch
    {
        SleepPhase.Prepare => PrepareSleep(device),
        SleepPhase.Suspend => Suspend(device),
        SleepPhase.SuspendLate => IsSuspendSkipped(device) ? 0 : CallDriver(device, SleepPhase.SuspendLate),
        SleepPhase.SuspendNoirq => SuspendNoirq(device),
        SleepPhase.ResumeNoirq => ResumeNoirq(device),
        SleepPhase.ResumeEarly => IsResumeSkipped(device) ? 0 : CallDriver(device, SleepPhase.ResumeEarly),
        SleepPhase.Resume => ResumeFromSleep(device),
        _ => CompleteSleep(device),
    };

    /// <summary>
    /// Whether a runtime-suspended function may be left as it is: not where its wake settings differ between run time and system
    /// sleep, or its state does not suit (<c>pci_pm_prepare()</c>).
    /// </summary>
    private static async KernelCall<int> PrepareSleep(PciPmDevice device)
    {
        if (device.HasSleepCallback(SleepPhase.Prepare))
        {
            int answer = await CallDriver(device, SleepPhase.Prepare);
            if (answer < 0)
            {
                return answer;
            }

            if (answer == 0 && (device.DriverSleepFlags & DriverSleepFlags.SmartPrepare) != 0)
            {
                return 0;
            }
        }

        if (NeedsResume(device))
        {
            return 0;
        }

        await AdjustPme(device);
        return 1;
    }

    /// <summary>
    /// The driver's callback, with the function awake unless it may stay suspended (<c>pci_pm_suspend()</c>). One whose driver has no
    /// callbacks, or that has no driver, ceases to be master of the bus (<c>pci_pm_default_suspend()</c>).
    /// </summary>
    private static async KernelCall<int> Suspend(PciPmDevice device)
    {
        device.StaysForBelow = false;
        if (!device.HasPmOps)
        {
            if (device.Bridge is null)
            {
                await DisableNow(device);
            }

            return 0;
        }

        if (!device.RuntimePm.Sleep.SmartSuspend || NeedsResume(device))
        {
            await PmRuntime.Resume(device.RuntimePm);
            device.SavedState.IsSaved = false;
        }
        else
        {
            await AdjustPme(device);
        }

        PowerState before = device.PowerState;
        int error = await CallDriver(device, SleepPhase.Suspend);
        if (error == 0 && device.HasSleepCallback(SleepPhase.Suspend))
        {
            IsDriversOwn(device, before);
        }

        return error;
    }

    /// <summary>
    /// The configuration is saved, and the deepest state entered from which the function can still wake the machine where it is to
    /// (<c>pci_pm_suspend_noirq()</c>); a driver that did both keeps what it chose, and a bridge with somebody in D0 below it stays.
    /// </summary>
    private static async KernelCall<int> SuspendNoirq(PciPmDevice device)
    {
        if (IsSuspendSkipped(device))
        {
            return 0;
        }

        if (!device.HasPmOps)
        {
            await SaveState(device);
            if (device.Rules.ForgetsStateOverSleep)
            {
                ForgetState(device);
            }
        }
        else if (device.HasSleepCallback(SleepPhase.SuspendNoirq))
        {
            PowerState before = device.PowerState;
            int error = await CallDriver(device, SleepPhase.SuspendNoirq);
            if (error != 0)
            {
                return error;
            }

            if (!IsDriversOwn(device, before))
            {
                await EnterSleepState(device);
            }
        }
        else
        {
            await EnterSleepState(device);
        }

        if (device.CanWakeUp && !device.MayWakeUp)
        {
            device.RuntimePm.Sleep.MaySkipResume = false;
        }

        return 0;
    }

    private static async KernelCall EnterSleepState(PciPmDevice device)
    {
        if (!device.SavedState.IsSaved)
        {
            await SaveState(device);
            if (!device.StaysForBelow && IsPowerManageable(device))
            {
                await PrepareToSleep(device);
            }
        }

        // A bridge must be in D0 while anybody below it is (PCI PM 1.2, table 6-1).
        if (device.PowerState == PowerState.D0)
        {
            device.StaysForBelow = true;
            if (device.Upstream is { } bridge)
            {
                bridge.StaysForBelow = true;
            }
        }

        if (!(device.StaysForBelow && device.Core.Transition.IsWithoutFirmware))
        {
            ForgetState(device);
        }
    }

    /// <summary>Who knows what the firmware makes of it meanwhile (<c>pci_pm_set_unknown_state()</c>)?</summary>
    private static void ForgetState(PciPmDevice device)
    {
        if (device.PowerState == PowerState.D0)
        {
            device.Power.Believe(PowerState.Unknown);
        }
    }

    /// <summary>Whether the driver's callback put the function in a state without saving it, which is odd.</summary>
    private static bool IsDriversOwn(PciPmDevice device, PowerState before)
    {
        bool isOwn = !device.SavedState.IsSaved && device.PowerState is not PowerState.D0 and not PowerState.Unknown;
        if (isOwn && device.PowerState != before)
        {
            DriverLog.StateNotSaved(device.Logger, device.Name, device.DriverName);
        }

        return isOwn;
    }

    /// <summary>
    /// Whether a runtime-suspended function has to be awake for a system sleep, or is not suspended at all
    /// (<c>pci_dev_need_resume()</c>).
    /// </summary>
    private static bool NeedsResume(PciPmDevice device)
    {
        if (!device.RuntimePm.IsSuspended || FirmwareNeedsResume(device))
        {
            return true;
        }

        PowerState target = ChooseTarget(device, device.MayWakeUp);
        return target != device.PowerState && target != PowerState.D3Cold && device.PowerState != PowerState.D3Hot;
    }

    /// <summary>
    /// A firmware that is to carry out the sleep wants to find bridges awake; one that manages the function's power has to be told where
    /// its wake signal is wanted otherwise than at run time (<c>acpi_pci_need_resume()</c>).
    /// </summary>
    private static bool FirmwareNeedsResume(PciPmDevice device) =>
        (device.Bridge is not null && !device.Core.Transition.IsWithoutFirmware)
        || (device.Power.Platform is { CanWake: true } platform && device.MayWakeUp != platform.IsWakePrepared);

    /// <summary>A suspended function that is not to wake the machine does not assert PME# (<c>pci_dev_adjust_pme()</c>).</summary>
    private static KernelCall AdjustPme(PciPmDevice device) =>
        device.RuntimePm.IsSuspended && !device.MayWakeUp && device.PowerState < PowerState.D3Cold && device.Power.SupportsPme
            ? SetPmeEnable(device, false)
            : KernelCall.Returned;

    /// <summary>The state to sleep in (<c>pci_target_state()</c>), of the function at run time or of the whole machine.</summary>
    private static PowerState ChooseTarget(PciPmDevice device, bool wakes) =>
        device.Power.ChooseTarget(wakes, isForSleep: device.Core.Transition.Target == SystemSleepState.Mem);

    /// <summary>The driver's callback, if it has it; one that throws has failed, and the PCI core does its part all the same.</summary>
    private static async KernelCall<int> CallDriver(PciPmDevice device, SleepPhase phase)
    {
        try
        {
            return await device.InvokeDriver(phase);
        }
        catch (Exception thrown)
        {
            return device.Core.Clock.Calls.Interrupt(thrown);
        }
    }

    private static bool IsSuspendSkipped(PciPmDevice device) => device.RuntimePm.IsSuspendSkipped;

    private static bool IsResumeSkipped(PciPmDevice device) => !device.RuntimePm.Sleep.MustResume;
}
