using System.Globalization;

namespace VfioPm;

/// <summary>One value of a device over the time of a picture: its power state in one of the three views, its status or count.</summary>
/// <param name="Kind">
/// What it is: <see cref="TraceKind.GuestState"/>, <see cref="TraceKind.PowerState"/> (the kernel's view),
/// <see cref="TraceKind.HardwareState"/>, <see cref="TraceKind.RuntimeStatus"/> or <see cref="TraceKind.UsageCount"/>.
/// </param>
/// <param name="Intervals">The values, one after the other without gaps. What lasted no time is left out.</param>
public sealed record Lane(TraceKind Kind, IReadOnlyList<LaneInterval> Intervals)
{
    /// <summary>The lanes that a device may have, in the order in which they are shown.</summary>
    internal static IReadOnlyList<TraceKind> Kinds { get; } =
    [
        TraceKind.GuestState, TraceKind.PowerState, TraceKind.HardwareState, TraceKind.RuntimeStatus, TraceKind.UsageCount,
    ];

    /// <summary>What it is, in a few words: "kernel believes".</summary>
    public string Title => Kind switch
    {
        TraceKind.GuestState => "guest reads",
        TraceKind.PowerState => "kernel believes",
        TraceKind.HardwareState => "hardware is in",
        TraceKind.RuntimeStatus => "runtime status",
        _ => "usage count",
    };

    /// <summary>Whether the values are power states.</summary>
    internal bool IsPowerState => Kind is TraceKind.GuestState or TraceKind.PowerState or TraceKind.HardwareState;

    /// <summary>A value in words: "D3hot", "suspending", "2"; empty for what a guest reads while there is none.</summary>
    public string TextOf(in LaneInterval interval) => Kind switch
    {
        TraceKind.RuntimeStatus => ((RuntimeStatus)interval.Value).ToString().ToLowerInvariant(),
        TraceKind.UsageCount => interval.Value.ToString(CultureInfo.InvariantCulture),
        TraceKind.GuestState when interval.Value == (int)PowerState.Unknown => "",
        _ => ((PowerState)interval.Value).KernelName,
    };

    /// <summary>The part of it between two moments.</summary>
    internal Lane Between(TimeSpan begin, TimeSpan end) => this with
    {
        Intervals =
        [
            .. Intervals
                .Where((interval, at) => interval.Begin <= end && (interval.End > begin || at == Intervals.Count - 1))
                .Select(interval => interval with
                {
                    Begin = interval.Begin > begin ? interval.Begin : begin,
                    End = interval.End < end ? interval.End : end,
                }),
        ],
    };
}
