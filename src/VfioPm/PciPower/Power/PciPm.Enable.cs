namespace VfioPm;

// Enabling a function for its driver.
public static partial class PciPm
{
    /// <summary>
    /// Brings a function to D0 and lets it decode its BARs (<c>pci_enable_device()</c>); after the first time
    /// only counts.
    /// </summary>
    public static async KernelCall<int> Enable(PciPmDevice device)
    {
        await UpdateState(device, device.PowerState);
        if (++device.EnableCount > 1)
        {
            return 0;
        }

        if (device.Upstream is { } bridge)
        {
            await EnableBridge(bridge);
        }

        return await EnableNow(device);
    }

    /// <summary>Enables a function again that the kernel holds to be enabled (<c>pci_reenable_device()</c>).</summary>
    internal static KernelCall<int> EnableAgain(PciPmDevice device) => device.EnableCount > 0 ? EnableNow(device) : 0;

    /// <summary>
    /// Switches off what an enabled function does by itself, and leaves it enabled for the kernel
    /// (<c>pci_disable_enabled_device()</c>).
    /// </summary>
    internal static async KernelCall DisableNow(PciPmDevice device)
    {
        if (device.EnableCount > 0)
        {
            await UpdateCommand(device, PciRegisters.CommandMaster, set: 0);
            device.DisablePin();
        }
    }

    /// <summary><c>do_pci_enable_device()</c>.</summary>
    private static async KernelCall<int> EnableNow(PciPmDevice device)
    {
        // Of the way to D0 there is no error but -EIO, and that is none here.
        await SetPowerState(device, PowerState.D0);

        // acpi_pci_irq_enable() asks the firmware.
        await device.Kernel.MightSleep();
        device.EnablePin();
        await EnableResources(device);
        return 0;
    }

    /// <summary>
    /// What is above a function has to pass its accesses on (<c>pci_enable_bridge()</c>): a bridge without a driver is enabled by
    /// the first below it, and stays so.
    /// </summary>
    private static async KernelCall EnableBridge(PciPmDevice bridge)
    {
        if (bridge.Upstream is { } above)
        {
            await EnableBridge(above);
        }

        bool wasEnabled = bridge.EnableCount > 0;
        if (!wasEnabled)
        {
            // Whatever that gives, the function below is enabled.
            await Enable(bridge);
        }

        if (!wasEnabled || !bridge.IsBusMaster)
        {
            await SetMaster(bridge);
        }
    }

    /// <summary>Takes one enabling back; the last ends bus mastering (<c>pci_disable_device()</c>).</summary>
    public static async KernelCall Disable(PciPmDevice device)
    {
        if (--device.EnableCount == 0)
        {
            await ClearMaster(device);
            device.DisablePin();
        }
    }

    /// <summary>Lets the function master the bus (<c>pci_set_master()</c>).</summary>
    public static KernelCall SetMaster(PciPmDevice device)
    {
        device.IsBusMaster = true;
        return UpdateCommand(device, clear: 0, PciRegisters.CommandMaster);
    }

    /// <summary>Ends bus mastering (<c>pci_clear_master()</c>).</summary>
    public static KernelCall ClearMaster(PciPmDevice device)
    {
        device.IsBusMaster = false;
        return UpdateCommand(device, PciRegisters.CommandMaster, set: 0);
    }

    /// <summary>
    /// Lets the function decode its BARs, and a bridge its windows (<c>pci_enable_resources()</c>), and INTx through for one that
    /// has a pin (<c>do_pci_enable_device()</c>).
    /// </summary>
    private static async KernelCall EnableResources(PciPmDevice device)
    {
        bool hasPin = await device.Config.Read(PciRegisters.InterruptPin, 1) != 0;
        uint set = 0;
        for (int i = 0; i < device.Config.Bars.Count; i++)
        {
            Bar bar = device.Config.Bars[i];
            set |= bar.Index == Bar.RomIndex ? 0u : bar.IsIo ? (uint)PciRegisters.CommandIo : PciRegisters.CommandMemory;
        }

        if (device.Bridge is not null)
        {
            var windows = new BridgeHeader(device.Config.Found);
            set |= windows.IoWindow.IsOpen ? (uint)PciRegisters.CommandIo : 0;
            set |= windows.MemoryWindow.IsOpen || windows.PrefetchableWindow.IsOpen ? (uint)PciRegisters.CommandMemory : 0;
        }

        await UpdateCommand(device, hasPin ? (uint)PciRegisters.CommandInterruptDisable : 0, set);
    }

    /// <summary>Clears and sets bits of COMMAND, writing only if something changes.</summary>
    private static async KernelCall UpdateCommand(PciPmDevice device, uint clear, uint set)
    {
        uint before = await device.Config.Read(PciRegisters.Command, 2);
        uint after = (before & ~clear) | set;
        if (after != before)
        {
            await device.Config.Write(PciRegisters.Command, 2, after);
        }
    }
}
