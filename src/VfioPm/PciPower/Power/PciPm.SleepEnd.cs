namespace VfioPm;

// The bus type's callbacks of system sleep, on the way up (drivers/pci/pci-driver.c).
public static partial class PciPm
{
    /// <summary>
    /// The function is in D0 with its configuration, whoever took that away (<c>pci_pm_resume_noirq()</c>). In suspend-to-idle what stayed
    /// in D0 is left alone.
    /// </summary>
    private static async KernelCall<int> ResumeNoirq(PciPmDevice device)
    {
        if (IsResumeSkipped(device))
        {
            return 0;
        }

        PowerState before = device.PowerState;
        bool stayed = device.StaysForBelow;
        if (!(stayed && device.Core.Transition.IsWithoutFirmware))
        {
            await PowerUp(device);
            await UpdateState(device, PowerState.D0);
            await RestoreState(device);
            await RestorePme(device);
        }

        await ClearRootPme(device);
        if (!stayed && before == PowerState.D3Cold && device.Downstream.Count > 0)
        {
            await PowerUpSecondaryBus(device);
        }

        return await CallDriver(device, SleepPhase.ResumeNoirq);
    }

    /// <summary>
    /// The driver's callback, or for a function whose driver has none what it was before: enabled, and master of the bus
    /// (<c>pci_pm_resume()</c>, <c>pci_pm_reenable_device()</c>).
    /// </summary>
    private static async KernelCall<int> ResumeFromSleep(PciPmDevice device)
    {
        if (device.SavedState.IsSaved)
        {
            await RestoreConfiguration(device);
        }

        await EnableWake(device, PowerState.D0, enable: false);
        if (device.HasPmOps)
        {
            return await CallDriver(device, SleepPhase.Resume);
        }

        await EnableAgain(device);
        if (device.IsBusMaster)
        {
            await SetMaster(device);
        }

        return 0;
    }

    /// <summary>
    /// The end: a function that is still suspended may assert PME# again, and one that the firmware has reset meanwhile is resumed
    /// (<c>pci_pm_complete()</c>, <c>pci_dev_complete_resume()</c>).
    /// </summary>
    private static async KernelCall<int> CompleteSleep(PciPmDevice device)
    {
        if (CanWakeAtRunTime(device) && device.RuntimePm.IsSuspended && device.PowerState < PowerState.D3Cold)
        {
            await SetPmeEnable(device, true);
        }

        await CallDriver(device, SleepPhase.Complete);
        if (device.RuntimePm.IsSuspended && device.Core.Transition.ResumesViaFirmware)
        {
            PowerState before = device.PowerState;
            await UpdateState(device, before);
            if (device.PowerState < before)
            {
                await PmRuntime.RequestResume(device.RuntimePm);
            }
        }

        return 0;
    }

    /// <summary>
    /// The sleep ended before the configuration was restored, or failed halfway (<c>pci_restore_standard_config()</c>).
    /// </summary>
    private static async KernelCall RestoreConfiguration(PciPmDevice device)
    {
        await UpdateState(device, PowerState.Unknown);
        if (device.PowerState == PowerState.D0 || await SetPowerState(device, PowerState.D0) == 0)
        {
            await RestoreState(device);
            await RestorePme(device);
        }
    }

    /// <summary>Firmware may forget to clear the root port's PME status (<c>pcie_pme_root_status_cleanup()</c>).</summary>
    private static KernelCall ClearRootPme(PciPmDevice device) =>
        device.Express is { Type: ExpressPortType.RootPort or ExpressPortType.EventCollector } express
            ? device.Config.Write(express.Offset + ExpressRegisters.RootStatus, 4, ExpressRegisters.RootStatusPme)
            : KernelCall.Returned;
}
