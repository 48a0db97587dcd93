namespace VfioPm;

/// <summary>
/// Gives functions to drivers and takes them away (<c>drivers/base/dd.c</c> and <c>pci-driver.c</c>), with the
/// usage counts that go with it: the function and the bridge above are held while that happens.
/// </summary>
internal static class DriverBinding
{
    /// <summary>
    /// Looks for a driver of a function that was found (<c>__device_attach()</c>), and has it idle if there is none.
    /// </summary>
    public static void Attach(PciDevice device, PciDriver? driver)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        runtime.Parent?.GetSync();
        if (driver is not null)
        {
            Probe(device, driver);
        }

        runtime.RequestIdle();
        runtime.Parent?.Put();
    }

    /// <summary>Binds (<c>__driver_probe_device()</c>, <c>local_pci_probe()</c>).</summary>
    /// <returns>0, or why the driver did not take the function.</returns>
    public static KernelResult Probe(PciDevice device, PciDriver driver)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        runtime.GetSuppliers();
        runtime.Parent?.GetSync();
        runtime.Barrier();

        // A driver that does runtime PM drops this count; unbound functions are in D0 whatever the count says.
        runtime.GetSync();
        device.SetDriver(driver);
        KernelResult result = driver.Probe(device);
        if (result.IsError)
        {
            device.SetDriver(null);
            runtime.PutSync();
        }

        runtime.RequestIdle();
        runtime.Parent?.Put();
        runtime.PutPreactivatedSuppliers();
        return result;
    }

    /// <summary>Unbinds (<c>__device_release_driver()</c>, <c>pci_device_remove()</c>).</summary>
    public static void Remove(PciDevice device)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        runtime.GetSync();
        runtime.PutSync();

        runtime.GetSync();
        runtime.Barrier();
        device.Driver!.Remove(device);
        runtime.PutNoIdle();
        device.SetDriver(null);
        if (device.Topology.Rules.ForgetsStateOnRemove && device.PowerState == PowerState.D0)
        {
            device.SetCurrentState(PowerState.Unknown);
        }

        // The count that probing took.
        runtime.PutSync();
    }
}
