namespace VfioPm;

// The bus type's runtime-PM callbacks (drivers/pci/pci-driver.c), and the state in which runtime PM finds a function.
internal static partial class PciPm
{
    /// <summary>
    /// The driver's callback, then the configuration is saved and the deepest state entered that is allowed
    /// (<c>pci_pm_runtime_suspend()</c>).
    /// </summary>
    public static async KernelCall<KernelResult> RuntimeSuspend(PciDevice device)
    {
        if (device.Driver is not { } driver)
        {
            // It stays in D0, but a bridge above may lose its power and take this function along.
            device.SavedState.Save();
            return KernelResult.Success;
        }

        device.SavedState.Forget();
        bool driverDidIt = false;
        if (driver.HasRuntimeSuspend)
        {
            KernelResult error = await driver.RuntimeSuspend(device);
            if (error.Value != 0)
            {
                return error;
            }

            // A driver that changed the state itself is trusted to have saved what it needs.
            driverDidIt = device.PowerState is not PowerState.D0 and not PowerState.Unknown;
        }

        if (device.SavedState.IsSaved || driverDidIt)
        {
            return KernelResult.Success;
        }

        device.SavedState.Save();
        await FinishRuntimeSuspend(device);
        return KernelResult.Success;
    }

    /// <summary>
    /// The PCI bus's <c>runtime_resume</c> (<c>pci_pm_runtime_resume()</c>): the function goes to D0 and gets its
    /// configuration back; a bridge that had lost its power waits for those below; then comes the driver's callback.
    /// </summary>
    public static async KernelCall<KernelResult> RuntimeResume(PciDevice device)
    {
        PowerState before = device.PowerState;
        await PowerUp(device);
        device.Power.Update(PowerState.D0);
        await device.SavedState.Restore();
        device.Wakeup.Restore();
        if (device.Driver is null)
        {
            return KernelResult.Success;
        }

        EnableWake(device, PowerState.D0, enable: false);
        if (before == PowerState.D3Cold && device.Downstream.Count > 0)
        {
            await PowerUpSecondaryBus(device);
        }

        return device.Driver is { HasRuntimeResume: true } driver
            ? await driver.RuntimeResume(device)
            : KernelResult.Success;
    }

    /// <summary>
    /// What a new function is: awake, and forbidden to sleep until user space or a driver allows it (<c>pci_pm_init()</c>).
    /// </summary>
    public static async KernelCall Initialize(PciDevice device)
    {
        await PmRuntime.Forbid(device.RuntimePm);
        await PmRuntime.SetStatus(device.RuntimePm, RuntimeStatus.Active);
        PmRuntime.Enable(device.RuntimePm);
        if (device.Hardware.Pm is not { } pm)
        {
            return;
        }

        if (pm.Version > 3)
        {
            PciPowerLog.UnsupportedPmVersion(device.Logger, device.Name, pm.Version);
            return;
        }

        device.Power.Use(pm);
        device.Bridge?.Begin();
        SetPmeActive(device, false);
    }

    /// <summary><c>pci_finish_runtime_suspend()</c>.</summary>
    private static async KernelCall FinishRuntimeSuspend(PciDevice device)
    {
        PowerState target = device.Power.ChooseTarget(device.CanWakeUp);
        EnableWake(device, target, CanWakeAtRunTime(device));
        if ((await SetPowerState(device, target)).Value != 0)
        {
            EnableWake(device, target, enable: false);
        }
    }

    /// <summary>
    /// A bridge got its power back: those below can be accessed after a while, and are resumed to be able to suspend in
    /// order (<c>pci_pm_bridge_power_up_actions()</c>).
    /// </summary>
    private static async KernelCall PowerUpSecondaryBus(PciDevice bridge)
    {
        bool wakesFirst = bridge.Bus.Rules.WakesBusBeforeItIsReady;
        if (wakesFirst)
        {
            await ResumeBus(bridge);
        }

        if ((await WaitForSecondaryBus(bridge, ReadyWait.AfterResume)).IsError)
        {
            // pci_dev_set_disconnected()
            bridge.ForEachBelow(static below => below.IsDisconnected = true);
        }
        else if (!wakesFirst)
        {
            await ResumeBus(bridge);
        }
    }

    /// <summary>
    /// A bridge that got its power back may have powered all below, uninitialised: everybody is resumed
    /// (<c>pci_resume_bus()</c>).
    /// </summary>
    private static async KernelCall ResumeBus(PciDevice bridge)
    {
        for (int i = 0; i < bridge.Downstream.Count; i++)
        {
            PciDevice below = bridge.Downstream[i];
            await PmRuntime.RequestResume(below.RuntimePm);
            await ResumeBus(below);
        }
    }
}
