namespace VfioPm;

/// <summary>Why a device sleeps, or a function sleeps deeper than it should, at this moment.</summary>
internal static class WakeObstacles
{
    /// <summary>The reasons for a function, in sentences without their full stops.</summary>
    public static IEnumerable<string> Of(PciDevice device)
    {
        if (device.PowerState == PowerState.Unknown)
        {
            return [$"no driver has had {device.Name} yet, so the kernel does not know its state"];
        }

        string[] broken = [.. Silence.Of(device.Hardware), .. OfLoss(device)];
        return broken.Length > 0 ? broken : Of(device.RuntimePm);
    }

    /// <summary>The reasons for a device that may be no function.</summary>
    public static IEnumerable<string> Of(RuntimePmDevice device) =>
        device.RuntimeError.IsError ? [EngineObstacles.GivenUp(device)]
        : device.Status == RuntimeStatus.Active ? OfActive(device)
        : device.Status == RuntimeStatus.Resuming || device.HasWork
            ? [$"{device.Name} is on its way: time has to be advanced"]
        : device.UsageCount > 0 ? [$"{EngineObstacles.Held(device)}, but nobody resumed it"]
        : OfUnused(device);

    private static IEnumerable<string> OfLoss(PciDevice device)
    {
        if (device.IsDisconnected)
        {
            yield return $"the kernel takes {device.Name} for gone since it could not reach it";
        }
    }

    /// <summary>The state was changed past runtime PM.</summary>
    private static IEnumerable<string> OfActive(RuntimePmDevice device) => LastSleepOf(device) is { } change
        ? [$"{device.Name} was put to sleep past runtime PM, which takes it for active ({change.Origin})"]
        : [];

    private static IEnumerable<string> OfUnused(RuntimePmDevice device)
    {
        yield return UsageHolders.PutsOf(device).LastOrDefault() is { } put
            ? $"nobody holds {device.Name} since its last user left ({put})"
            : $"nobody holds {device.Name}";
        if (LastSleepOf(device) is { } change)
        {
            yield return $"{device.Name} was put to sleep ({change.Origin})";
        }
    }

    private static TraceEntry? LastSleepOf(RuntimePmDevice device) => HostTrace.Of(device) is { } trace
        ? new History(trace, device.Name).LastChange(wakes: false)
        : null;
}
