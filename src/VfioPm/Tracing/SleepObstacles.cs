namespace VfioPm;

/// <summary>What keeps a function from sleeping, or from sleeping deeper, at this moment.</summary>
internal static class SleepObstacles
{
    /// <summary>The obstacles, in sentences without their full stops; none if it sleeps as deep as it can.</summary>
    public static IEnumerable<string> Of(PciDevice device)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        if (runtime.Status != RuntimeStatus.Suspended)
        {
            return OfActive(device);
        }

        return device.PowerState == PowerState.D3Cold ? [] : OfPowerCut(device);
    }

    private static IEnumerable<string> OfActive(PciDevice device)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        if (!runtime.IsEnabled)
        {
            yield return $"runtime PM of {device.Name} is disabled";
        }

        if (!runtime.RuntimeAuto)
        {
            yield return $"power/control of {device.Name} is \"on\"";
        }

        if (runtime.UsageCount > 0)
        {
            string holders = string.Join(", ", UsageHolders.Of(runtime).Select(
                holder => $"{holder.Cause?.What ?? "a call"} at {TimeText.Of(holder.Time)}"));
            yield return $"{device.Name} is held by a usage count of {runtime.UsageCount}"
                + (holders.Length > 0 ? $" ({holders})" : "");
        }

        foreach (PciDevice below in device.Downstream.Where(below => below.RuntimeStatus != RuntimeStatus.Suspended))
        {
            yield return $"{below.Name} below it is {below.RuntimeStatus}";
        }

        if (device is { IsBridge: true, BridgeD3: false })
        {
            yield return $"the kernel does not let the port {device.Name} sleep";
        }

        if (runtime is { UsageCount: 0, TimerExpires: { } expires })
        {
            yield return $"the suspend timer of {device.Name} runs out at {TimeText.Of(expires)} only";
        }
    }

    private static IEnumerable<string> OfPowerCut(PciDevice device)
    {
        if (!device.D3ColdAllowed)
        {
            yield return $"d3cold_allowed of {device.Name} is 0";
        }

        PciDevice? switched = device;
        while (switched is not null && switched.Platform?.DeepestState != PowerState.D3Cold)
        {
            switched = switched.Upstream;
        }

        if (switched is null)
        {
            yield return $"the firmware cannot cut the power of {device.Name}";
        }
        else if (switched != device)
        {
            foreach (string obstacle in Of(switched))
            {
                yield return obstacle;
            }
        }
    }
}
