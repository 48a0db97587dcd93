namespace VfioPm;

/// <summary>
/// The search for functions that came (<c>drivers/pci/probe.c</c>), for which each bridge is woken. Here those come that were
/// removed.
/// </summary>
internal static class BusScan
{
    /// <summary>
    /// Looks at the bus of a function, and behind all bridges on it (<c>pci_scan_child_bus_extend()</c>): first behind those that
    /// are set up, then at each again whether it has to be.
    /// </summary>
    public static async KernelCall Scan(PciDevice onBus)
    {
        for (int i = 0; i < onBus.Bus.Devices.Count; i++)
        {
            if (IsBridgeBeside(onBus, onBus.Bus.Devices[i]))
            {
                await ScanBridge(onBus.Bus.Devices[i], descends: true);
            }
        }

        for (int i = 0; i < onBus.Bus.Devices.Count; i++)
        {
            if (IsBridgeBeside(onBus, onBus.Bus.Devices[i]))
            {
                await ScanBridge(onBus.Bus.Devices[i], descends: false);
            }
        }
    }

    /// <summary>The bus of a function and all below (<c>pci_rescan_bus()</c>).</summary>
    public static async KernelCall Rescan(PciDevice onBus)
    {
        await onBus.Bus.FindBelow(onBus.Upstream);
        await Scan(onBus);
        await AddFound(onBus.Bus);
    }

    /// <summary>All root buses and all below (<c>rescan_store()</c>).</summary>
    public static async KernelCall RescanAll(IPciBus bus)
    {
        await bus.FindBelow(null);
        for (int i = 0; i < bus.Devices.Count; i++)
        {
            if (bus.Devices[i].Upstream is null && IsFirstOfBus(bus, i))
            {
                await Scan(bus.Devices[i]);
            }
        }

        await AddFound(bus);
    }

    /// <summary>Drivers may have what was found, once all of it is (<c>pci_bus_add_devices()</c>).</summary>
    public static async KernelCall AddFound(IPciBus bus)
    {
        for (int i = 0; i < bus.Devices.Count; i++)
        {
            PciDevice device = bus.Devices[i];
            if (!device.IsAdded)
            {
                device.Complete();
                await bus.Attach(device);
            }
        }
    }

    private static bool IsFirstOfBus(IPciBus bus, int place)
    {
        PciAddress address = bus.Devices[place].Address;
        for (int i = 0; i < place; i++)
        {
            if (bus.Devices[i].Address.SharesBusWith(address))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsBridgeBeside(PciDevice onBus, PciDevice device) =>
        device.IsBridge && device.Upstream == onBus.Upstream && device.Address.Bus == onBus.Address.Bus;

    /// <summary>What is behind a bridge answers only while that is awake (<c>pci_scan_bridge_extend()</c>).</summary>
    private static async KernelCall ScanBridge(PciDevice bridge, bool descends)
    {
        await PmRuntime.GetSync(bridge.RuntimePm);
        if (descends)
        {
            await bridge.Bus.FindBelow(bridge);
        }

        if (descends && bridge.Downstream.Count > 0)
        {
            // The list of functions is behind a lock (pci_bus_sem).
            await bridge.Core.Kernel.MightSleep();
            await Scan(bridge.Downstream[0]);
        }

        await PmRuntime.Put(bridge.RuntimePm);
    }
}
