using static System.FormattableString;

namespace VfioPm;

/// <summary>
/// Questions about a device as the runtime-PM core sees it, PCI or not: who holds it, whether it sleeps, and who woke it.
/// </summary>
public static class RuntimePmCheck
{
    /// <summary>So many users hold the device active (<c>power/runtime_usage</c>).</summary>
    public static StateCheck HasUsageCount(RuntimePmDevice device, int expected) => Make(
        device,
        expected: $"to have a usage count of {expected}",
        holds: () => device.UsageCount == expected,
        found: () => Invariant($"it is {device.UsageCount}"),
        explain: story => story
            .UsageDifference(device, device.UsageCount - expected)
            .Last(device, TraceKind.UsageCount));

    /// <summary>The device is active, suspended, or on its way (<c>power/runtime_status</c>).</summary>
    public static StateCheck HasStatus(RuntimePmDevice device, RuntimeStatus expected) => Make(
        device,
        expected: $"to be {expected}",
        holds: () => device.Status == expected,
        found: () => $"it is {device.Status}",
        explain: story => story
            .WhyNot(device, expected)
            .Last(device, TraceKind.RuntimeStatus, TraceKind.UsageCount));

    /// <summary>Every get of the device since a moment was answered by a put, and the other way round.</summary>
    /// <exception cref="ArgumentException">The usage counts were taken of another host.</exception>
    public static StateCheck IsBalanced(RuntimePmDevice device, UsageBaseline since)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(since);
        since.RefuseOther(device.Core);
        return Make(
            device,
            expected: $"to have a balanced usage count since {TimeText.Of(since.Time)}",
            holds: () => since.DifferenceOf(device) == 0,
            found: () => Invariant($"it went from {since.CountOf(device)} to {device.UsageCount}"),
            explain: story => story
                .UsageDifference(device, since.DifferenceOf(device))
                .Last(device, TraceKind.UsageCount));
    }

    /// <summary>The device sleeps, and nobody has woken it since a moment, not even for a short time.</summary>
    /// <exception cref="InvalidOperationException">The trace is off.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The moment is to come, or before the trace begins.</exception>
    public static StateCheck StayedAsleep(RuntimePmDevice device, TimeSpan since)
    {
        ArgumentNullException.ThrowIfNull(device);
        History history = History.Of(device, since);
        return Make(
            device,
            expected: $"to have stayed asleep since {TimeText.Of(since)}",
            holds: () => SleepState.IsAsleep(device) && !history.Wakes(since).Any(),
            found: () => history.Wakes(since).Select(wake => $"it was woken ({wake.Origin})").FirstOrDefault()
                ?? (SleepState.IsAsleep(device) ? "it has" : "it is awake"),
            explain: story => story
                .WhyAwake(device)
                .Since(since, device, TraceKind.PowerState, TraceKind.RuntimeStatus, TraceKind.UsageCount),
            isLasting: true);
    }

    /// <summary>What woke the device last.</summary>
    /// <param name="device">The device.</param>
    /// <param name="cause">
    /// Part of how the trace words it: "host reads configuration space", "0000:01:00.0: guest asks for D0 in PMCSR".
    /// </param>
    /// <exception cref="InvalidOperationException">The trace is off.</exception>
    /// <exception cref="ArgumentException"><paramref name="cause"/> is empty, and would be in every one.</exception>
    public static StateCheck WasWokenBy(RuntimePmDevice device, string cause) =>
        WasChangedBy(device, cause, wakes: true, "woken");

    /// <summary>What put the device to sleep last, or deeper.</summary>
    /// <param name="device">The device.</param>
    /// <param name="cause">Part of how the trace words it: "autosuspend timer", "0000:00:03.0: power switched off".</param>
    /// <exception cref="InvalidOperationException">The trace is off.</exception>
    /// <exception cref="ArgumentException"><paramref name="cause"/> is empty, and would be in every one.</exception>
    public static StateCheck WasPutToSleepBy(RuntimePmDevice device, string cause) =>
        WasChangedBy(device, cause, wakes: false, "put to sleep");

    private static StateCheck WasChangedBy(RuntimePmDevice device, string cause, bool wakes, string done)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentException.ThrowIfNullOrEmpty(cause);
        History history = History.Of(device);
        return Make(
            device,
            expected: $"to have been {done} by \"{cause}\"",
            holds: () => history.LastChange(wakes)?.Cause?.ToString().Contains(cause, StringComparison.Ordinal) ?? false,
            found: () => history.LastChange(wakes) is { } change ? $"it was {change.QuotedOrigin}" : "nobody did that",
            explain: story => story.Last(device, TraceKind.PowerState, TraceKind.RuntimeStatus));
    }

    private static StateCheck Make(
        RuntimePmDevice device,
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
}
