namespace VfioPm;

/// <summary>A device in a picture.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parent">The device above it, if there is one.</param>
/// <param name="Lanes">Its values over time; a device without PCI has no power states, one that nobody opened no guest's.</param>
/// <param name="Marks">What was done to it, oldest first.</param>
public sealed record DeviceLanes(string Name, string? Parent, IReadOnlyList<Lane> Lanes, IReadOnlyList<Mark> Marks)
{
    /// <summary>What a test calls it, or null (<see cref="PciPmDevice.Alias"/>).</summary>
    public string? Alias { get; init; }

    /// <summary>How it is called in a picture: "gpu (0000:01:00.0)".</summary>
    public string Title => Alias is { } alias ? $"{alias} ({Name})" : Name;

    /// <summary>Why it was as it was, one after the other, as far as the trace kept that (<c>HostTrace.KeepReasons()</c>).</summary>
    public IReadOnlyList<Reason> Reasons { get; init; } = [];

    /// <summary>The part of it between two moments.</summary>
    internal DeviceLanes Between(TimeSpan begin, TimeSpan end) => this with
    {
        Lanes = [.. Lanes.Select(lane => lane.Between(begin, end))],
        Marks = [.. Marks.Where(mark => mark.Time >= begin && mark.Time <= end)],
        Reasons =
        [
            .. Reasons.Where(reason => reason.Begin <= end && reason.End >= begin).Select(reason => reason with
            {
                Begin = reason.Begin > begin ? reason.Begin : begin,
                End = reason.End < end ? reason.End : end,
            }),
        ],
    };
}
