namespace VfioPm;

// Whether ports may sleep, for all that those below them mind.
internal static partial class PciPm
{
    /// <summary>
    /// Looks whether the port above may sleep, now that something about a function changed
    /// (<c>pci_bridge_d3_update()</c>), and so on upwards.
    /// </summary>
    public static void UpdateBridgeD3(PciPmDevice device)
    {
        if (device.Upstream is not { Bridge: { IsD3Possible: true } port } bridge)
        {
            return;
        }

        // Only this function can have closed an open gate; a closed one may open only if nobody objects.
        bool allows = AllowsBridgeD3(device) && (port.AllowsD3 || NobodyBelowObjects(bridge));
        if (port.AllowsD3 != allows)
        {
            port.AllowsD3 = allows;
            UpdateBridgeD3(bridge);
        }
    }

    /// <summary>
    /// A function below this bridge is gone: nobody may object any more to the bridge's sleep
    /// (<c>pci_bridge_d3_update()</c> of what was removed).
    /// </summary>
    public static void ReconsiderBridgeD3(PciPmDevice bridge)
    {
        if (bridge.Bridge is { IsD3Possible: true, AllowsD3: false } port && NobodyBelowObjects(bridge))
        {
            port.AllowsD3 = true;
            UpdateBridgeD3(bridge);
        }
    }

    /// <summary>Whether the port above may sleep for all that a function minds (<c>pci_dev_check_d3cold()</c>).</summary>
    public static bool AllowsBridgeD3(PciPmDevice device) =>
        device.Power.MayLosePower && device.Wakeup.AllowsD3Cold && IsPowerManageable(device);

    private static bool NobodyBelowObjects(PciPmDevice bridge)
    {
        for (int i = 0; i < bridge.Downstream.Count; i++)
        {
            PciPmDevice below = bridge.Downstream[i];
            if (!AllowsBridgeD3(below) || !NobodyBelowObjects(below))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Functions can always be managed, bridges only where D3 is allowed (<c>pci_power_manageable()</c>).</summary>
    private static bool IsPowerManageable(PciPmDevice device) => device.Bridge is null or { AllowsD3: true };
}
