namespace VfioPm;

/// <summary>
/// What keeps a function from sleeping, or from sleeping deeper, at this moment. What others keep awake is followed to them,
/// and to whoever did something to them.
/// </summary>
internal static class SleepObstacles
{
    /// <summary>What keeps a device awake that may be no function.</summary>
    public static IEnumerable<string> Of(RuntimePmDevice device)
    {
        if (PciRuntimePm.FunctionOf(device) is { } function)
        {
            return Of(function);
        }

        string[] obstacles = [.. EngineObstacles.Of(device), .. OfOthers(device)];
        return obstacles.Length > 0 ? obstacles : [EngineObstacles.Waiting(device)];
    }

    /// <summary>The obstacles, in sentences without their full stops; none if it sleeps as deep as it can.</summary>
    public static IEnumerable<string> Of(PciDevice device)
    {
        if (device.RuntimeStatus != RuntimeStatus.Suspended)
        {
            string[] obstacles =
            [
                .. EngineObstacles.Of(device.RuntimePm),
                .. OfOthers(device.RuntimePm),
                .. OfDriver(device),
                .. PortObstacles.Of(device),
            ];
            return obstacles.Length > 0 ? obstacles : [EngineObstacles.Waiting(device.RuntimePm)];
        }

        return device.PowerState switch
        {
            PowerState.D3Cold => [],
            PowerState.D0 => [OfSuspendedInD0(device)],
            _ => OfPowerCut(device),
        };
    }

    /// <summary>Those that need the device awake, each followed by what keeps that one awake itself.</summary>
    private static IEnumerable<string> OfOthers(RuntimePmDevice device)
    {
        foreach (RuntimePmDevice child in device.Core.Devices.Where(child =>
            child.Parent == device && !device.IgnoresChildren && child.Status != RuntimeStatus.Suspended))
        {
            yield return $"{child.Name} below {NameOf(device)} is {child.Status}";
            foreach (string obstacle in Of(child))
            {
                yield return obstacle;
            }
        }

        foreach (RuntimePmDevice consumer in device.Core.Devices.Where(consumer =>
            consumer.Suppliers.Any(link => link.Supplier == device && link.RpmActive > 1)))
        {
            yield return $"{consumer.Name} is a consumer of {device.Name}, and is {consumer.Status}";
            foreach (string obstacle in Of(consumer))
            {
                yield return obstacle;
            }
        }
    }

    private static string NameOf(RuntimePmDevice device) =>
        PciRuntimePm.FunctionOf(device) is { IsBridge: true } ? $"the port {device.Name}" : device.Name;

    private static IEnumerable<string> OfDriver(PciDevice device)
    {
        if (device.Driver is null)
        {
            yield return $"{device.Name} has no driver";
        }
        else if (!device.Driver.HasPmOps)
        {
            yield return $"the driver {device.Driver.Name} takes no part in runtime PM on this kernel";
        }

        if (VfioPciDriver.TryFind(device) is not { } bound)
        {
            yield break;
        }

        if (bound is { IsOpen: false, Parameters.DisableIdleD3: true })
        {
            yield return "vfio-pci was loaded with disable_idle_d3";
        }

        if (bound.Power.LeftUndoneForSleep is { } undone)
        {
            yield return $"the user of {device.Name} {undone}";
        }
    }

    private static string OfSuspendedInD0(PciDevice device)
    {
        string counts = $"runtime PM takes {device.Name} for suspended";
        return device.Driver is null ? $"{counts}, but leaves the power of a function without a driver alone"
            : device.Power.Pm is null ? $"{counts}, but it has no PM capability, and so no D3hot"
            : !device.Hardware.TakesD3Hot ? $"{counts}, but its hardware does not take D3hot"
                + " (the kernel says \"Refused to change power state\")"
            : $"{counts}, but its state was not changed";
    }

    private static IEnumerable<string> OfPowerCut(PciDevice device)
    {
        if (!device.D3ColdAllowed)
        {
            yield return $"d3cold_allowed of {device.Name} is 0";
        }

        if (device.NoD3Cold)
        {
            yield return $"a driver keeps {device.Name} from D3cold";
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
        else if (device.Platform is { CanWake: true, DeepestWakeState: { } deepest and < PowerState.D3Cold })
        {
            yield return $"{device.Name} is to wake the machine, and the firmware lets it do so from {deepest.KernelName} at most";
        }
    }
}
