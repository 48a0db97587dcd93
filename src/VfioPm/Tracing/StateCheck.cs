namespace VfioPm;

/// <summary>
/// Looks whether something is as expected and explains, if not, what happened instead: with the times, the causes
/// and what keeps a function from sleeping.
/// </summary>
public static class StateCheck
{
    /// <summary>The kernel's view of a function's power state.</summary>
    public static Verdict PowerState(PciDevice device, PowerState expected)
    {
        ArgumentNullException.ThrowIfNull(device);
        bool holds = device.PowerState == expected;
        bool shouldBeDeeper = expected > device.PowerState;
        return new Verdict(
            holds,
            device.Name,
            $"to be in {expected}",
            $"it is in {device.PowerState}",
            holds ? "" : Story.Of(device, withObstacles: shouldBeDeeper, TraceKind.PowerState));
    }

    /// <summary>
    /// The way a function went, in the kernel's view: its latest power states, oldest first, the present one last.
    /// </summary>
    /// <exception cref="InvalidOperationException">The trace is off.</exception>
    public static Verdict PowerStates(PciDevice device, params ReadOnlySpan<PowerState> expected)
    {
        ArgumentNullException.ThrowIfNull(device);
        PowerState[] way = WayOf(device);
        bool holds = way.AsSpan().EndsWith(expected);
        return new Verdict(
            holds,
            device.Name,
            $"to have gone {Arrows(expected)}",
            $"it went {Arrows(way)}",
            holds ? "" : Story.Of(device, withObstacles: false, TraceKind.PowerState));
    }

    /// <summary>That a function has been in one power state, in the kernel's view, since a moment.</summary>
    /// <exception cref="InvalidOperationException">The trace is off.</exception>
    public static Verdict PowerStateSince(PciDevice device, PowerState expected, TimeSpan since)
    {
        ArgumentNullException.ThrowIfNull(device);
        TraceEntry[] changes = [.. TraceOf(device.RuntimePm).PowerStatesOf(device).Where(entry => entry.Time > since)];
        bool holds = device.PowerState == expected && changes.Length == 0;
        return new Verdict(
            holds,
            device.Name,
            $"to have stayed in {expected} since {TimeText.Of(since)}",
            changes.Length == 0 ? $"it stayed in {device.PowerState}" : $"it went {Arrows(WayOf(device))}",
            holds ? "" : Story.Of(device, withObstacles: false, TraceKind.PowerState));
    }

    /// <summary>The power state that the hardware is in, whatever the kernel believes.</summary>
    public static Verdict HardwareState(PciFunction function, PowerState expected)
    {
        ArgumentNullException.ThrowIfNull(function);
        string pmcsr = function.Pm is { } pm ? $"PMCSR is 0x{pm.ControlStatus:x4}" : "it has no PMCSR";
        return new Verdict(
            function.PowerState == expected,
            $"the hardware of {function.Address}",
            $"to be in {expected}",
            $"it is in {function.PowerState}",
            $"It {(function.HasPower ? "has" : "has no")} power; {pmcsr}.{Environment.NewLine}");
    }

    /// <summary>The power state that a guest's kernel believes its device to be in.</summary>
    public static Verdict GuestPowerState(GuestDevice device, PowerState expected)
    {
        ArgumentNullException.ThrowIfNull(device);
        bool holds = device.PowerState == expected;
        return new Verdict(
            holds,
            device.Name,
            $"to be in {expected}",
            $"it is in {device.PowerState}",
            holds ? "" : Story.Of(device));
    }

    /// <summary>The usage count of a device.</summary>
    public static Verdict UsageCount(RuntimePmDevice device, int expected)
    {
        ArgumentNullException.ThrowIfNull(device);
        bool holds = device.UsageCount == expected;
        return new Verdict(
            holds,
            device.Name,
            $"to have a usage count of {expected}",
            $"it is {device.UsageCount}",
            holds ? "" : Story.Of(device, TraceKind.UsageCount));
    }

    /// <summary>The runtime-PM status of a device.</summary>
    public static Verdict RuntimeStatus(RuntimePmDevice device, RuntimeStatus expected)
    {
        ArgumentNullException.ThrowIfNull(device);
        bool holds = device.Status == expected;
        return new Verdict(
            holds,
            device.Name,
            $"to be {expected}",
            $"it is {device.Status}",
            holds ? "" : Story.Of(device, TraceKind.RuntimeStatus, TraceKind.UsageCount));
    }

    /// <summary>That every get of a device since a moment was answered by a put, and the other way round.</summary>
    public static Verdict Balance(RuntimePmDevice device, UsageBaseline since)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(since);
        int before = since.CountOf(device);
        bool holds = device.UsageCount == before;
        return new Verdict(
            holds,
            device.Name,
            $"to have a balanced usage count since {TimeText.Of(since.Time)}",
            $"it went from {before} to {device.UsageCount}",
            holds ? "" : Story.Of(device, TraceKind.UsageCount));
    }

    /// <summary>The same for all devices of a host; the first that leaks is told of.</summary>
    public static Verdict Balance(RuntimePmCore core, UsageBaseline since)
    {
        ArgumentNullException.ThrowIfNull(core);
        Verdict verdict = new(true, "the host", "to have balanced usage counts", "they are", "");
        foreach (RuntimePmDevice device in core.Devices)
        {
            verdict = verdict.Holds ? Balance(device, since) : verdict;
        }

        return verdict;
    }

    /// <summary>
    /// That functions came to power states, in the kernel's view, in this order; other things may have happened
    /// in between.
    /// </summary>
    public static Verdict Order(HostTrace trace, params ReadOnlySpan<(PciDevice Device, PowerState State)> expected)
    {
        ArgumentNullException.ThrowIfNull(trace);
        int met = 0;
        foreach (TraceEntry entry in trace.Entries)
        {
            if (met < expected.Length
                && entry.Kind == TraceKind.PowerState
                && entry.Device == expected[met].Device.Name
                && entry.PowerState.After == expected[met].State)
            {
                met++;
            }
        }

        string[] steps = [.. expected.ToArray().Select(step => $"{step.Device.Name} in {step.State}")];
        bool holds = met == steps.Length;
        return new Verdict(
            holds,
            "the host",
            $"to have seen {string.Join(", then ", steps)}",
            holds ? "it has" : $"{steps[met]} {(met == 0 ? "never came" : "did not come after that")}",
            holds ? "" : trace.ToTimeline().Of(TraceKind.PowerState).ToString());
    }

    /// <summary>What the hardware holds in a register, whether or not it can be reached now.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The register is outside, or not 1, 2 or 4 bytes wide.</exception>
    public static Verdict HardwareRegister(PciFunction function, int offset, int width, uint expected)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Register($"the hardware of {function.Address}", "hold", offset, width, expected,
            function.Configuration.Read(offset, width), () => $"It is in {function.PowerState}.{Environment.NewLine}");
    }

    /// <summary>What a guest reads in a register. Reading it is an access like any other: it may wake the function.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The register is outside, or not 1, 2 or 4 bytes wide.</exception>
    public static Verdict Register(VfioConfigRegion region, int offset, int width, uint expected)
    {
        ArgumentNullException.ThrowIfNull(region);
        return Register($"the guest of {region.Device.Name}", "read", offset, width, expected,
            region.Read(offset, width), () => Story.Of(region.Device, withObstacles: false, TraceKind.PowerState));
    }

    private static Verdict Register(
        string subject, string verb, int offset, int width, uint expected, uint found, Func<string> details)
    {
        string digits = $"x{2 * width}";
        bool holds = found == expected;
        return new Verdict(
            holds,
            subject,
            $"to {verb} 0x{expected.ToString(digits)} at 0x{offset:x2}",
            $"it {verb}s 0x{found.ToString(digits)}",
            holds ? "" : details());
    }

    private static HostTrace TraceOf(RuntimePmDevice device) => HostTrace.Of(device)
        ?? throw new InvalidOperationException($"The trace is off: nobody knows which way {device.Name} went.");

    private static PowerState[] WayOf(PciDevice device)
    {
        TraceEntry[] changes = [.. TraceOf(device.RuntimePm).PowerStatesOf(device)];
        return changes.Length == 0
            ? [device.PowerState]
            : [changes[0].PowerState.Before, .. changes.Select(entry => entry.PowerState.After)];
    }

    private static string Arrows(ReadOnlySpan<PowerState> states) => string.Join(" → ", states.ToArray());
}
