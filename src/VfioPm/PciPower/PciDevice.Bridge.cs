namespace VfioPm;

// Whether a port may sleep, and what its sleep does to those below (drivers/pci/pci.c).
public sealed partial class PciDevice
{
    /// <summary>
    /// Whether the kernel would ever put this bridge to D3: a PCI Express port of a machine that is new enough. One with
    /// a hotplug slot only where the platform vouches for it, since in D3 it may miss a card that comes or goes. Found
    /// out once, since ports read as all ones when they sleep (<c>pci_bridge_d3_possible()</c>).
    /// </summary>
    internal bool IsBridgeD3Possible { get; private set; }

    private bool MayBridgeEverSleep => IsExpressPort
        && (IsHotplugBridge ? Firmware.GrantsHotplug && IsHotplugSafeInD3 : Firmware.Year >= 2015);

    /// <summary><c>acpi_pci_bridge_d3()</c>: the firmware manages the port's power, and it wakes from below D2.</summary>
    internal bool IsHotplugSafeInD3 => Platform is not null && Platform.DeepestStateFor(wake: true) > PowerState.D2;

    /// <summary>
    /// Sets sysfs <c>d3cold_allowed</c>: the port above thinks again, and the function is resumed so that its
    /// next sleep is of the right depth.
    /// </summary>
    internal async KernelCall SetD3ColdAllowed(bool allowed)
    {
        D3ColdAllowed = allowed;
        UpdateBridgeD3Above();
        await PmRuntime.Resume(RuntimePm);
    }

    /// <summary>
    /// Looks whether the port above may sleep, now that something about this function changed
    /// (<c>pci_bridge_d3_update()</c>), and so on upwards.
    /// </summary>
    internal void UpdateBridgeD3Above()
    {
        if (Upstream is not { IsBridgeD3Possible: true } bridge)
        {
            return;
        }

        // Only this function can have closed an open gate; a closed one may open only if nobody objects.
        bool open = AllowsBridgeD3 && (bridge.BridgeD3 || bridge.NobodyBelowObjects);
        if (bridge.BridgeD3 != open)
        {
            bridge.BridgeD3 = open;
            bridge.UpdateBridgeD3Above();
        }
    }

    /// <summary>
    /// A function below this bridge is gone: nobody may object any more to the bridge's sleep
    /// (<c>pci_bridge_d3_update()</c> of what was removed).
    /// </summary>
    internal void ReconsiderBridgeD3()
    {
        if (IsBridgeD3Possible && !BridgeD3 && NobodyBelowObjects)
        {
            BridgeD3 = true;
            UpdateBridgeD3Above();
        }
    }

    /// <summary>
    /// How long a bridge waits for its secondary bus (<c>pci_bus_max_d3cold_delay()</c>): what the slowest
    /// function needs, and with none that needs less at least 100 ms. Conventional buses need a second more.
    /// </summary>
    internal TimeSpan SecondaryBusDelay
    {
        get
        {
            TimeSpan shortest = TimeSpan.FromMilliseconds(100);
            TimeSpan longest = TimeSpan.Zero;
            foreach (PciDevice below in _downstream)
            {
                TimeSpan delay = below.Hardware.D3ColdDelay;
                shortest = delay < shortest ? delay : shortest;
                longest = delay > longest ? delay : longest;
            }

            TimeSpan settle = ExpressOffset is not null ? TimeSpan.Zero : TimeSpan.FromSeconds(1);
            return settle + (longest > shortest ? longest : shortest);
        }
    }

    /// <summary>What is below a bridge without power is without power (<c>pci_bus_set_current_state()</c>).</summary>
    internal void SetStateOfAllBelow(PowerState state)
    {
        foreach (PciDevice below in _downstream)
        {
            below.SetCurrentState(state);
            below.SetStateOfAllBelow(state);
        }
    }

    /// <summary>What is below did not come back with the bridge (<c>pci_walk_bus()</c>, <c>pci_dev_set_disconnected()</c>).</summary>
    internal void DisconnectAllBelow() => ForEachBelow(static below => below.IsDisconnected = true);

    private bool NobodyBelowObjects => _downstream.TrueForAll(
        static below => below.AllowsBridgeD3 && below.NobodyBelowObjects);

    /// <summary>Whether the port above may sleep for all that this function minds (<c>pci_dev_check_d3cold()</c>).</summary>
    internal bool AllowsBridgeD3 =>
        D3ColdAllowed && !NoD3Cold
        && (!MayWakeUp || (Pm?.SupportsPmeFrom(PowerState.D3Cold) ?? false))
        && IsPowerManageable;
}
