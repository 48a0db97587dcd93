namespace VfioPm;

/// <summary>What the runtime-PM core has against a device's sleep, PCI or not.</summary>
internal static class EngineObstacles
{
    /// <summary>
    /// The conditions that are not met (<c>rpm_check_suspend_allowed()</c>), in sentences without their full stops.
    /// </summary>
    public static IEnumerable<string> Of(RuntimePmDevice device)
    {
        if (device.RuntimeError.IsError)
        {
            yield return GivenUp(device);
        }

        if (!device.IsEnabled)
        {
            yield return $"runtime PM of {device.Name} is disabled";
        }

        if (!device.RuntimeAuto)
        {
            yield return $"power/control of {device.Name} is \"on\"";
        }

        if (device.UsageCount > 0)
        {
            yield return Held(device);
        }

        if (device.ResumeLatencyLimit == 0)
        {
            yield return $"a PM QoS request allows {device.Name} no time to resume";
        }
    }

    /// <summary>Where nothing is in the way: it is only a matter of time, or nobody asks.</summary>
    public static string Waiting(RuntimePmDevice device) =>
        device.Status != RuntimeStatus.Active ? $"{device.Name} is on its way: {device.Status}"
        : device.TimerExpires is { } expires
            ? $"the suspend timer of {device.Name} runs out at {TimeText.Of(expires)} only"
        : device.HasWork ? $"{device.Name} has work queued on pm_wq, which runs when time is advanced"
        : $"nobody has asked {device.Name} to sleep since its last user left{InBrackets(UsageHolders.PutsOf(device).TakeLast(1))}";

    /// <summary>"0000:01:00.0 is held by a usage count of 1 (opened at 0.000 s)".</summary>
    public static string Held(RuntimePmDevice device) =>
        $"{device.Name} is held by a usage count of {device.UsageCount}{InBrackets(UsageHolders.Of(device))}";

    /// <summary>A callback failed: nothing moves until somebody sets the status by hand.</summary>
    public static string GivenUp(RuntimePmDevice device) =>
        $"runtime PM has given up on {device.Name}: a callback returned {device.RuntimeError}";

    private static string InBrackets(IEnumerable<string> items)
    {
        string all = string.Join(", ", items);
        return all.Length > 0 ? $" ({all})" : "";
    }
}
