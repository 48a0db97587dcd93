namespace VfioPm;

/// <summary>
/// Gives functions to drivers and takes them away (<c>drivers/base/dd.c</c> and <c>pci-driver.c</c>), under the function's
/// lock and with the usage counts that go with it: the function and the bridge above are held while that happens.
/// </summary>
internal static class DriverBinding
{
    /// <summary>Gives a function to a driver by hand (<c>bind_store()</c>, <c>device_driver_attach()</c>).</summary>
    /// <returns>
    /// 0; -ENODEV for one that is being found or removed; the error for a function that has a driver; or why the driver did not take the
    /// function.
    /// </returns>
    public static async KernelCall<int> Bind(PciDevice device, PciDriver driver)
    {
        if (!device.AllowsBinding || device.IsDead)
        {
            return -Errno.ENODEV;
        }

        using (await device.Lock.Lock())
        {
            return device.Driver is null ? await Probe(device, driver) : -device.Bus.Rules.ErrorOfSecondBind;
        }
    }

    /// <summary><c>unbind_store()</c>.</summary>
    public static async KernelCall<int> Unbind(PciDevice device)
    {
        if (device.Driver is null)
        {
            return -Errno.ENODEV;
        }

        await Release(device);
        return 0;
    }

    /// <summary>Takes a function from its driver, if it has one (<c>device_release_driver()</c>).</summary>
    public static async KernelCall Release(PciDevice device)
    {
        using (await device.Lock.Lock())
        {
            if (device.Driver is { } driver)
            {
                await Remove(device, driver);
            }
        }
    }

    /// <summary>
    /// The machine goes down (<c>device_shutdown()</c>, <c>pci_device_shutdown()</c>): nobody sleeps from now on. The bridge above is kept
    /// from binding and from resets too.
    /// </summary>
    /// <param name="device">The function.</param>
    /// <param name="startsKernel">Whether another kernel follows at once (kexec), which must find nobody master of the bus.</param>
    public static async KernelCall Shutdown(PciDevice device, bool startsKernel)
    {
        device.IsShutDown = true;
        using (device.Upstream is { } bridge ? await bridge.Lock.Lock() : default)
        using (await device.Lock.Lock())
        {
            PmRuntime.GetNoResume(device.RuntimePm);
            await PmRuntime.Barrier(device.RuntimePm);
            await PmRuntime.Resume(device.RuntimePm);
            if (device.Driver is { } driver)
            {
                await DriverCall.Invoke(driver, device, DriverFunction.Shutdown);
            }

            if (startsKernel && device.PowerState <= PowerState.D3Hot)
            {
                await PciPm.ClearMaster(device);
            }
        }
    }

    /// <summary>Binds (<c>__driver_probe_device()</c>, <c>really_probe()</c>).</summary>
    /// <returns>0, or why the driver did not take the function.</returns>
    public static async KernelCall<int> Probe(PciDevice device, PciDriver driver)
    {
        if (device.IsDead)
        {
            return -Errno.ENODEV;
        }

        RuntimePmDevice runtime = device.RuntimePm;
        await PmRuntime.GetSuppliers(runtime);
        await HoldParent(runtime);
        await PmRuntime.Barrier(runtime);
        int result = DmaOwnership.UseDefaultDomain(device, driver);
        if (result == 0)
        {
            result = CanProbe(device) ? await ProbeAwake(device, driver) : -Errno.ENODEV;
        }

        if (result < 0)
        {
            await CleanUp(device);
        }

        await PmRuntime.RequestIdle(runtime);
        await ReleaseParent(runtime);
        await PmRuntime.PutSuppliers(runtime);
        return result;
    }

    /// <summary>
    /// Calls the driver with the function awake and held (<c>local_pci_probe()</c>). What a driver did that then refuses, and did not
    /// undo, stays: an enabled function, a power state, a count.
    /// </summary>
    private static async KernelCall<int> ProbeAwake(PciDevice device, PciDriver driver)
    {
        // A driver that does runtime PM drops this count; unbound functions are in D0 whatever the count says.
        await PmRuntime.GetSync(device.RuntimePm);
        device.Driver = driver;
        int result = await DriverCall.Invoke(driver, device, DriverFunction.Probe);
        if (result < 0)
        {
            device.Driver = null;
            await PmRuntime.PutSync(device.RuntimePm);
            if (result != -Errno.ENODEV && result != -Errno.ENXIO)
            {
                DriverLog.ProbeFailed(device.Logger, device.Name, driver.Name, result);
            }

            return result;
        }

        if (result > 0)
        {
            DriverLog.UnexpectedProbeResult(device.Logger, device.Name, result);
        }

        return 0;
    }

    /// <summary>
    /// Virtual functions are only for drivers where the administrator has not said otherwise
    /// (<c>pci_device_can_probe()</c>).
    /// </summary>
    private static bool CanProbe(PciDevice device) =>
        device.PhysicalFunction is not { Sriov: { DriversAutoprobe: false } } || device.DriverOverride is not null;

    /// <summary>Unbinds (<c>__device_release_driver()</c>).</summary>
    private static async KernelCall Remove(PciDevice device, PciDriver driver)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        await PmRuntime.GetSync(runtime);

        // driver_sysfs_remove() takes its files away.
        await runtime.Core.Kernel.MightSleep();
        await PmRuntime.PutSync(runtime);
        await RemoveFrom(device, driver);
        await CleanUp(device);
    }

    /// <summary><c>pci_device_remove()</c>.</summary>
    private static async KernelCall RemoveFrom(PciDevice device, PciDriver driver)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        if (driver.HasRemove)
        {
            await PmRuntime.GetSync(runtime);
            await PmRuntime.Barrier(runtime);
            await DriverCall.Invoke(driver, device, DriverFunction.Remove);
            PmRuntime.PutNoIdle(runtime);
        }

        device.Driver = null;
        device.Sriov?.OnDriverRemoved();
        if (device.Bus.Rules.ForgetsStateOnRemove && device.PowerState == PowerState.D0)
        {
            device.Power.Believe(PowerState.Unknown);
        }

        // The count that probing took.
        await PmRuntime.PutSync(runtime);
    }

    /// <summary><c>device_unbind_cleanup()</c>.</summary>
    private static KernelCall CleanUp(PciDevice device)
    {
        device.DriverData = null;
        return PmRuntime.Reinit(device.RuntimePm);
    }

    public static async KernelCall HoldParent(RuntimePmDevice runtime)
    {
        if (runtime.Parent is { } parent)
        {
            await PmRuntime.GetSync(parent);
        }
    }

    public static async KernelCall ReleaseParent(RuntimePmDevice runtime)
    {
        if (runtime.Parent is { } parent)
        {
            await PmRuntime.Put(parent);
        }
    }
}
