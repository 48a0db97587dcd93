namespace VfioPm;

/// <summary>Why the kernel does not let a port sleep (<see cref="PciPmDevice.BridgeD3"/>), whoever holds it or not.</summary>
internal static class PortObstacles
{
    /// <summary>The obstacles, in sentences without their full stops; none for what is no port, or may sleep.</summary>
    public static IEnumerable<string> Of(PciDevice port)
    {
        if (port is not { IsBridge: true, BridgeD3: false })
        {
            return [];
        }

        string verdict = $"the kernel does not let the port {port.Name} sleep";
        string[] reasons = [.. ReasonsOf(port)];
        return reasons.Length == 0 ? [verdict] : reasons.Select(reason => $"{verdict}: {reason}");
    }

    private static IEnumerable<string> ReasonsOf(PciDevice port)
    {
        if (port.Bridge?.ObstacleToD3 is { } obstacle)
        {
            yield return obstacle;
        }

        List<PciDevice> below = [];
        port.ForEachBelow<PciDevice>(below.Add);
        foreach (PciDevice device in below.Where(device => !PciPm.AllowsBridgeD3(device)))
        {
            yield return ObjectionOf(device);
        }
    }

    /// <summary>The condition of <c>pci_dev_check_d3cold()</c> that a function below does not meet.</summary>
    private static string ObjectionOf(PciDevice device) =>
        !device.D3ColdAllowed ? $"d3cold_allowed of {device.Name} is 0"
        : device.NoD3Cold ? $"a driver keeps {device.Name} from D3cold"
        : device is { IsBridge: true, BridgeD3: false } ? $"{device.Name} below it may not sleep either"
        : $"power/wakeup of {device.Name} is enabled, and it cannot signal from D3cold";
}
