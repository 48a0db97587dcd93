namespace VfioPm;

/// <summary>The functions of a driver that are called when something becomes of one of its functions.</summary>
internal enum DriverFunction
{
    Probe,
    Remove,
    Shutdown,
    ResetPrepare,
    ResetDone,
}

/// <summary>Calls drivers' functions, which may be a test's.</summary>
internal static class DriverCall
{
    /// <summary>Calls one.</summary>
    /// <returns>What it returned, or 0 of one that returns nothing.</returns>
    public static async KernelCall<int> Invoke(PciDriver driver, PciDevice device, DriverFunction function)
    {
        try
        {
            return function == DriverFunction.Probe ? await driver.Probe(device) : await Tell(driver, device, function);
        }
        catch (Exception thrown)
        {
            return device.Core.Clock.Calls.Interrupt(thrown);
        }
    }

    /// <summary>Has the driver enable as many virtual functions.</summary>
    public static async KernelCall<int> ConfigureSriov(PciDriver driver, PciDevice device, int count)
    {
        try
        {
            return await driver.ConfigureSriov(device, count);
        }
        catch (Exception thrown)
        {
            return device.Core.Clock.Calls.Interrupt(thrown);
        }
    }

    private static async KernelCall<int> Tell(PciDriver driver, PciDevice device, DriverFunction function)
    {
        await (function switch
        {
            DriverFunction.Remove => driver.Remove(device),
            DriverFunction.Shutdown => driver.Shutdown(device),
            DriverFunction.ResetPrepare => driver.ResetPrepare(device),
            _ => driver.ResetDone(device),
        });
        return 0;
    }
}
