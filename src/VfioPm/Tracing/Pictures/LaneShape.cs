namespace VfioPm;

/// <summary>
/// What a lane looks like wherever it is drawn. The deeper the sleep the lower the bar, a status that changes is a slope, and a
/// count a stair; so a picture can be read without its colours.
/// </summary>
internal sealed class LaneShape(Lane lane)
{
    /// <summary>How high a suspended status is; a slope ends or begins there.</summary>
    public const double Asleep = 0.15;

    private readonly int _highestCount = lane.Kind == TraceKind.UsageCount && lane.Intervals.Count > 0
        ? Math.Max(3, lane.Intervals.Max(interval => interval.Value))
        : 0;

    /// <summary>The name of its colour in a style sheet.</summary>
    public string LookOf(in LaneInterval interval) => lane.Kind switch
    {
        TraceKind.UsageCount => "count",
        TraceKind.RuntimeStatus => lane.TextOf(interval),
        _ => lane.TextOf(interval).ToLowerInvariant(),
    };

    /// <summary>Whether a status is changing.</summary>
    public bool IsSlope(in LaneInterval interval) =>
        lane.Kind == TraceKind.RuntimeStatus
        && (RuntimeStatus)interval.Value is RuntimeStatus.Suspending or RuntimeStatus.Resuming;

    /// <summary>How high a value is, as a part of the lane's height.</summary>
    public double LevelOf(in LaneInterval interval) => lane.Kind switch
    {
        TraceKind.UsageCount => (double)Math.Max(0, interval.Value) / _highestCount,
        TraceKind.RuntimeStatus => (RuntimeStatus)interval.Value == RuntimeStatus.Active ? 1 : Asleep,
        TraceKind.GuestState when interval.Value == (int)PowerState.Unknown => 0,
        _ => (PowerState)interval.Value switch
        {
            PowerState.D0 or PowerState.Unknown => 1,
            PowerState.D1 => 0.8,
            PowerState.D2 => 0.6,
            PowerState.D3Hot => 0.35,
            _ => 0.1,
        },
    };
}
