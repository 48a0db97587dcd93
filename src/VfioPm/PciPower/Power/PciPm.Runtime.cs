namespace VfioPm;

// The bus type's runtime-PM callbacks (drivers/pci/pci-driver.c), and the state in which runtime PM finds a function.
public static partial class PciPm
{
    /// <summary>Asks the driver whether an unused function may sleep (<c>pci_pm_runtime_idle()</c>).</summary>
    internal static KernelCall<int> RuntimeIdle(PciPmDevice device) =>
        // A function without a driver stays in D0 whatever runtime PM says of it.
        !device.HasDriver ? 0
        : !device.HasPmOps ? (device.Rules.KeepsAwakeWithoutPmOps ? -Errno.ENOSYS : 0)
        : device.InvokeDriver(RuntimePmCallback.Idle);

    /// <summary>
    /// The driver's callback, then the configuration is saved and the deepest state entered that is allowed
    /// (<c>pci_pm_runtime_suspend()</c>).
    /// </summary>
    internal static async KernelCall<int> RuntimeSuspend(PciPmDevice device)
    {
        if (!device.HasDriver)
        {
            // It stays in D0, but a bridge above may lose its power and take this function along.
            await SaveState(device);
            return 0;
        }

        device.SavedState.IsSaved = false;
        PowerState before = device.PowerState;
        bool driverDidIt = false;
        if (device.HasRuntimeSuspend)
        {
            int error = await device.InvokeDriver(RuntimePmCallback.Suspend);
            if (error != 0)
            {
                if (error != -Errno.EBUSY && error != -Errno.EAGAIN)
                {
                    DriverLog.CannotSuspend(device.Logger, device.Name, device.DriverName, error);
                }

                return error;
            }

            driverDidIt = device.PowerState is not PowerState.D0 and not PowerState.Unknown;
        }

        if (device.SavedState.IsSaved)
        {
            // A driver that saved the configuration chooses the state, and whether to wake from it.
            return 0;
        }

        if (driverDidIt)
        {
            if (device.PowerState != before)
            {
                DriverLog.StateNotSaved(device.Logger, device.Name, device.DriverName);
            }

            return 0;
        }

        await SaveState(device);
        await FinishRuntimeSuspend(device);
        return 0;
    }

    /// <summary>
    /// The PCI bus's <c>runtime_resume</c> (<c>pci_pm_runtime_resume()</c>): the function goes to D0 and gets its
    /// configuration back; a bridge that had lost its power waits for those below; then comes the driver's callback.
    /// </summary>
    internal static async KernelCall<int> RuntimeResume(PciPmDevice device)
    {
        PowerState before = device.PowerState;
        await PowerUp(device);
        await UpdateState(device, PowerState.D0);
        await RestoreState(device);
        await RestorePme(device);
        if (!device.HasDriver)
        {
            return 0;
        }

        await SetWake(device, PowerState.D0, enable: false);
        if (before == PowerState.D3Cold && device.Downstream.Count > 0)
        {
            await PowerUpSecondaryBus(device);
        }

        return await device.InvokeDriver(RuntimePmCallback.Resume);
    }

    /// <summary>
    /// What a new function is for runtime PM: active, and forbidden to sleep until user space or a driver allows it
    /// (<c>pci_pm_init()</c>).
    /// </summary>
    internal static async KernelCall Initialize(PciPmDevice device)
    {
        await PmRuntime.Forbid(device.RuntimePm);
        await PmRuntime.SetStatus(device.RuntimePm, RuntimeStatus.Active);
        if (!device.Rules.EnablesRuntimePmLast)
        {
            PmRuntime.Enable(device.RuntimePm);
        }

        if (device.Config.Pm is { } pm)
        {
            if (pm.Version > 3)
            {
                PciPowerLog.UnsupportedPmVersion(device.Logger, device.Name, pm.Version);
            }
            else
            {
                device.Power.Use(pm);
                device.Bridge?.Begin();
                await SetPmeActive(device, false);
            }
        }

        if (device.Upstream is { PowerState: PowerState.D3Cold })
        {
            // It was found at boot, and has slept since the port does.
            device.Power.Believe(PowerState.D3Cold);
        }
        else if (device.Rules.PowersUpWhatIsFound)
        {
            await PowerUpFound(device);
        }

        device.RuntimePm.SuspendsAsync = !device.Quirks.SuspendsInOrder;

        // pci_acpi_setup(): the firmware may have to do something for a bridge that sleeps and is to wake (_DSW).
        device.Wakeup.SetMayWakeUp(device.BridgeD3 && device.Wakeup.IsWired);
    }

    /// <summary>The end of <c>pci_pm_init()</c>: what is in D0 needs no more than that the firmware knows it.</summary>
    private static async KernelCall PowerUpFound(PciPmDevice device)
    {
        await UpdateState(device, PowerState.Unknown);
        if (device.PowerState == PowerState.D0)
        {
            await SetPlatformState(device, PowerState.D0);
        }
        else
        {
            await SetFullPowerState(device);
        }

        await UpdateState(device, PowerState.D0);
    }

    /// <summary><c>pci_finish_runtime_suspend()</c>.</summary>
    private static async KernelCall FinishRuntimeSuspend(PciPmDevice device)
    {
        PowerState target = ChooseTarget(device, device.CanWakeUp);
        await SetWake(device, target, CanWakeAtRunTime(device));
        if (await SetPowerState(device, target) != 0)
        {
            await SetWake(device, target, enable: false);
        }
    }

    /// <summary>
    /// A bridge got its power back: those below can be accessed after a while, and are resumed to be able to suspend in
    /// order (<c>pci_pm_bridge_power_up_actions()</c>).
    /// </summary>
    private static async KernelCall PowerUpSecondaryBus(PciPmDevice bridge)
    {
        bool wakesFirst = bridge.Rules.WakesBusBeforeItIsReady;
        if (wakesFirst)
        {
            await ResumeBus(bridge);
        }

        if (await WaitForSecondaryBus(bridge, ReadyWait.AfterResume) < 0)
        {
            // pci_dev_set_disconnected()
            bridge.ForEachBelow<PciPmDevice>(static below => below.IsDisconnected = true);
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
    private static async KernelCall ResumeBus(PciPmDevice bridge)
    {
        // down_read(&pci_bus_sem)
        await bridge.RuntimePm.Core.Kernel.MightSleep();
        await ResumeBelow(bridge);
    }

    /// <summary><c>pci_resume_one()</c> for each, as <c>pci_walk_bus()</c> comes to them.</summary>
    private static async KernelCall ResumeBelow(PciPmDevice bridge)
    {
        for (int i = 0; i < bridge.Downstream.Count; i++)
        {
            PciPmDevice below = bridge.Downstream[i];
            await PmRuntime.RequestResume(below.RuntimePm);
            await ResumeBelow(below);
        }
    }
}
