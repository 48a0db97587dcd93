using static System.FormattableString;

namespace VfioPm;

/// <summary>Questions about all devices of a host.</summary>
public static class HostCheck
{
    /// <summary>No device has leaked a usage count since a moment, or lost one.</summary>
    /// <exception cref="ArgumentException">The usage counts were taken of another host.</exception>
    public static StateCheck IsBalanced(RuntimePmCore core, UsageBaseline since)
    {
        ArgumentNullException.ThrowIfNull(core);
        ArgumentNullException.ThrowIfNull(since);
        since.RefuseOther(core);
        RuntimePmDevice[] Leaking() => [.. core.Devices.Where(device => since.DifferenceOf(device) != 0)];
        return new StateCheck(
            core.Clock,
            subject: "the host",
            expected: $"to have balanced usage counts since {TimeText.Of(since.Time)}",
            holds: () => Leaking().Length == 0,
            found: () => Leaking() is { Length: > 0 } leaking
                ? string.Join(", and ", leaking.Select(device =>
                    Invariant($"{device.Name} went from {since.CountOf(device)} to {device.UsageCount}")))
                : "they are balanced",
            explanation: () => Leaking().Aggregate(new Story(), (story, device) => story
                .Now(device)
                .UsageDifference(device, since.DifferenceOf(device))
                .Last(device, TraceKind.UsageCount)));
    }

    /// <summary>Nothing is pending: no timer, no queued work, nobody who waits.</summary>
    public static StateCheck HasNothingPending(RuntimePmCore core)
    {
        ArgumentNullException.ThrowIfNull(core);
        return new StateCheck(
            core.Clock,
            subject: "the host",
            expected: "to have nothing pending",
            holds: () => core.Clock.Pending.Count == 0,
            found: () => core.Clock.Pending is [var next, ..] ? $"there is {next.What} at {TimeText.Of(next.Due)}" : "nothing is",
            explanation: () => new Story().StillToCome(core.Clock));
    }
}
