namespace VfioPm;

/// <summary>
/// The search for functions that came (<c>drivers/pci/probe.c</c>). Here none ever comes by itself; but each bridge is woken for it.
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

    private static bool IsBridgeBeside(PciDevice onBus, PciDevice device) =>
        device.IsBridge && device.Upstream == onBus.Upstream && device.Address.Bus == onBus.Address.Bus;

    /// <summary>What is behind a bridge answers only while that is awake (<c>pci_scan_bridge_extend()</c>).</summary>
    private static async KernelCall ScanBridge(PciDevice bridge, bool descends)
    {
        await PmRuntime.GetSync(bridge.RuntimePm);
        if (descends && bridge.Downstream.Count > 0)
        {
            // The list of functions is behind a lock (pci_bus_sem).
            await bridge.Core.Kernel.MightSleep();
            await Scan(bridge.Downstream[0]);
        }

        await PmRuntime.Put(bridge.RuntimePm);
    }
}
