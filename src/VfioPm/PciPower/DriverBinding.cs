namespace VfioPm;

/// <summary>
/// Gives functions to drivers and takes them away (<c>drivers/base/dd.c</c> and <c>pci-driver.c</c>), under the function's
/// lock and with the usage counts that go with it: the function and the bridge above are held while that happens.
/// </summary>
internal static class DriverBinding
{
    /// <summary>
    /// Looks for a driver of a function that was found (<c>__device_attach()</c>), and has it idle if there is none.
    /// </summary>
    public static async KernelCall Attach(PciDevice device, PciDriver? driver)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        using (await device.Lock.Lock())
        {
            await HoldParent(runtime);
            if (driver is not null)
            {
                await Probe(device, driver);
            }

            await PmRuntime.RequestIdle(runtime);
            await ReleaseParent(runtime);
        }
    }

    /// <summary>Gives a function to a driver by hand (<c>bind_store()</c>, <c>device_driver_attach()</c>).</summary>
    /// <returns>0; the error for a function that has a driver; or why the driver did not take the function.</returns>
    public static async KernelCall<KernelResult> Bind(PciDevice device, PciDriver driver)
    {
        using (await device.Lock.Lock())
        {
            return device.Driver is null ? await Probe(device, driver) : device.Bus.Rules.ErrorOfSecondBind;
        }
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

    /// <summary>Binds (<c>__driver_probe_device()</c>, <c>local_pci_probe()</c>).</summary>
    /// <returns>0, or why the driver did not take the function.</returns>
    private static async KernelCall<KernelResult> Probe(PciDevice device, PciDriver driver)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        await PmRuntime.GetSuppliers(runtime);
        await HoldParent(runtime);
        await PmRuntime.Barrier(runtime);

        // A driver that does runtime PM drops this count; unbound functions are in D0 whatever the count says.
        await PmRuntime.GetSync(runtime);
        device.Driver = driver;
        KernelResult result = await driver.Probe(device);
        if (result.IsError)
        {
            device.Driver = null;
            await PmRuntime.PutSync(runtime);
        }

        await PmRuntime.RequestIdle(runtime);
        await ReleaseParent(runtime);
        await PmRuntime.PutSuppliers(runtime);
        return result;
    }

    /// <summary>Unbinds (<c>__device_release_driver()</c>, <c>pci_device_remove()</c>).</summary>
    private static async KernelCall Remove(PciDevice device, PciDriver driver)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        await PmRuntime.GetSync(runtime);
        await PmRuntime.PutSync(runtime);

        await PmRuntime.GetSync(runtime);
        await PmRuntime.Barrier(runtime);
        await driver.Remove(device);
        PmRuntime.PutNoIdle(runtime);
        device.Driver = null;
        if (device.Bus.Rules.ForgetsStateOnRemove && device.PowerState == PowerState.D0)
        {
            device.Power.Believe(PowerState.Unknown);
        }

        // The count that probing took.
        await PmRuntime.PutSync(runtime);
    }

    private static async KernelCall HoldParent(RuntimePmDevice runtime)
    {
        if (runtime.Parent is { } parent)
        {
            await PmRuntime.GetSync(parent);
        }
    }

    private static async KernelCall ReleaseParent(RuntimePmDevice runtime)
    {
        if (runtime.Parent is { } parent)
        {
            await PmRuntime.Put(parent);
        }
    }
}
