namespace VfioPm;

// Whether ports may sleep, for all that those below them mind.
public static partial class PciPm
{
    /// <summary>A driver lets its function lose its power again (<c>pci_d3cold_enable()</c>), and the port above thinks again.</summary>
    public static void EnableD3Cold(PciPmDevice device) => SetNoD3Cold(device, false);

    /// <summary>
    /// A driver keeps its function from losing its power (<c>pci_d3cold_disable()</c>), and so the port above from sleeping. It stays
    /// so when the driver goes, unless that takes it back.
    /// </summary>
    public static void DisableD3Cold(PciPmDevice device) => SetNoD3Cold(device, true);

    /// <summary>
    /// Looks whether the port above may sleep, now that something about a function changed
    /// (<c>pci_bridge_d3_update()</c>), and so on upwards.
    /// </summary>
    internal static void UpdateBridgeD3(PciPmDevice device)
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
    internal static void ReconsiderBridgeD3(PciPmDevice bridge)
    {
        if (bridge.Bridge is { IsD3Possible: true, AllowsD3: false } port && NobodyBelowObjects(bridge))
        {
            port.AllowsD3 = true;
            UpdateBridgeD3(bridge);
        }
    }

    /// <summary>Whether the port above may sleep for all that a function minds (<c>pci_dev_check_d3cold()</c>).</summary>
    internal static bool AllowsBridgeD3(PciPmDevice device) =>
        device.Power.MayLosePower && device.Wakeup.AllowsD3Cold && IsPowerManageable(device);

    private static void SetNoD3Cold(PciPmDevice device, bool noD3Cold)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Power.NoD3Cold != noD3Cold)
        {
            device.Power.NoD3Cold = noD3Cold;
            UpdateBridgeD3(device);
        }
    }

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
