namespace VfioPm;

/// <summary>Questions about a function as the kernel sees it: its power state and the way it went.</summary>
public static class PciDeviceCheck
{
    private const int LongestWay = 10;

    /// <summary>The kernel believes the function to be in a power state (sysfs <c>power_state</c>).</summary>
    public static StateCheck IsIn(PciDevice device, PowerState expected) => Make(
        device,
        expected: $"to be in {expected.KernelName}",
        holds: () => device.PowerState == expected,
        found: () => $"it is in {device.PowerState.KernelName}",
        explain: story => story.WhyNotIn(device, expected).Last(device.RuntimePm, TraceKind.PowerState));

    /// <summary>The kernel believes the function to be in any other power state.</summary>
    public static StateCheck IsNotIn(PciDevice device, PowerState unexpected) => Make(
        device,
        expected: $"not to be in {unexpected.KernelName}",
        holds: () => device.PowerState != unexpected,
        found: () => $"it is in {device.PowerState.KernelName}",
        explain: story => story.WhyIn(device).Last(device.RuntimePm, TraceKind.PowerState),
        isLasting: true);

    /// <summary>The function's latest power states were these, oldest first, the present one last.</summary>
    /// <exception cref="InvalidOperationException">The trace is off.</exception>
    /// <exception cref="ArgumentException">No state is expected, which would hold whatever happened.</exception>
    public static StateCheck Went(PciDevice device, params ReadOnlySpan<PowerState> expected)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (expected.IsEmpty)
        {
            throw new ArgumentException("No power state is expected: any way ends with that.", nameof(expected));
        }

        PowerState[] steps = [.. expected];
        History history = History.Of(device.RuntimePm);
        return Make(
            device,
            expected: $"to have gone {Arrows(steps)}",
            holds: () => history.WayTo(device.PowerState).AsSpan().EndsWith(steps),
            found: () => $"it went {Arrows(history.WayTo(device.PowerState))}",
            explain: story => story.Last(device.RuntimePm, TraceKind.PowerState));
    }

    /// <summary>The function has been in a power state, without a break, since a moment.</summary>
    /// <exception cref="InvalidOperationException">The trace is off.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The moment is to come, or before the trace begins.</exception>
    public static StateCheck StayedIn(PciDevice device, PowerState expected, TimeSpan since)
    {
        ArgumentNullException.ThrowIfNull(device);
        History history = History.Of(device.RuntimePm, since);
        PowerState[] Way() => history.WayTo(device.PowerState, since);
        return Make(
            device,
            expected: $"to have stayed in {expected.KernelName} since {TimeText.Of(since)}",
            holds: () => Way() is [var only] && only == expected,
            found: () => Way() is [var only] ? $"it stayed in {only.KernelName}" : $"it went {Arrows(Way())}",
            explain: story => story.Since(since, device.RuntimePm, TraceKind.PowerState),
            isLasting: true);
    }

    /// <summary>The kernel has not seen the function come to a power state.</summary>
    /// <param name="device">The function.</param>
    /// <param name="unexpected">The state.</param>
    /// <param name="since">Since when; since the trace began, unless told.</param>
    /// <exception cref="InvalidOperationException">The trace is off.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The moment is to come, or before the trace begins.</exception>
    public static StateCheck NeverEntered(PciDevice device, PowerState unexpected, TimeSpan? since = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        return EntryCheck.Make(device, device.Name, TraceKind.PowerState, () => device.PowerState, unexpected, since);
    }

    private static StateCheck Make(
        PciDevice device,
        string expected,
        Func<bool> holds,
        Func<string> found,
        Func<Story, Story> explain,
        bool isLasting = false)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new StateCheck(
            device.Core.Clock, device.Name, expected, holds, found, () => explain(new Story().Now(device)))
        {
            IsLasting = isLasting,
        };
    }

    /// <summary>"D0 → D3hot → D3cold"; of a long way the end, as much as a reader of a message wants.</summary>
    private static string Arrows(PowerState[] way) => string.Join(" → ", way.TakeLast(LongestWay).Select(static state => state.KernelName));
}
