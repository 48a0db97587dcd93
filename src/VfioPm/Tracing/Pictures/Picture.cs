namespace VfioPm;

/// <summary>
/// What happened to the devices of a host over a stretch of time, laid out to be drawn: for each device lanes of values
/// and marks for what was done to it. Any <see cref="PictureFormat"/> can show it; one's own exporter needs nothing else.
/// </summary>
public sealed class Picture
{
    private readonly IReadOnlyList<TraceEntry> _entries;

    internal Picture(
        string title,
        TimeSpan begin,
        TimeSpan end,
        IReadOnlyList<DeviceLanes> devices,
        IReadOnlyList<TraceEntry> entries)
    {
        Title = title;
        Begin = begin;
        End = end;
        Devices = devices;
        _entries = entries;
    }

    /// <summary>What it is a picture of: a test's name, say. May be empty.</summary>
    public string Title { get; }

    /// <summary>From when it shows, since boot.</summary>
    public TimeSpan Begin { get; }

    /// <summary>Until when.</summary>
    public TimeSpan End { get; }

    /// <summary>The devices, parents before children.</summary>
    public IReadOnlyList<DeviceLanes> Devices { get; }

    /// <summary>The steps of the story that it tells, if it tells one: those of a counterexample.</summary>
    public IReadOnlyList<PictureStep> Steps { get; private init; } = [];

    /// <summary>What happened, oldest first.</summary>
    internal IReadOnlyList<TraceEntry> Entries => _entries;

    /// <summary>On which kernel; null where that is not known.</summary>
    internal string? KernelName { get; init; }

    /// <summary>What the test called devices when the picture was made.</summary>
    internal DeviceAliases Aliases { get; init; } = DeviceAliases.None;

    private string[] Names => [.. Devices.Select(static device => device.Name)];

    /// <summary>A picture of entries that were taken out of a trace earlier, up to now.</summary>
    /// <param name="trace">The trace: it knows the devices, and the values of which no entry tells.</param>
    /// <param name="entries">What happened, oldest first.</param>
    /// <param name="title">What it is a picture of.</param>
    public static Picture Of(HostTrace trace, IReadOnlyList<TraceEntry> entries, string title = "")
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(title);
        return PictureBuilder.Build(trace, entries, title);
    }

    /// <summary>Only these devices.</summary>
    /// <exception cref="ArgumentException">There is no device of such a name; the message lists those that there are.</exception>
    public Picture Of(params string[] devices)
    {
        string[] names = DeviceFilter.Find(devices, Names, Aliases);
        return Part(
            Begin,
            End,
            Devices.Where(device => names.Contains(device.Name)),
            _entries.Where(entry => names.Contains(entry.Device)),
            Steps);
    }

    /// <inheritdoc cref="Of(string[])"/>
    public Picture Of(params PciDevice[] devices) => Of(DeviceFilter.NamesOf(devices));

    /// <summary>Only what was between two moments; both count.</summary>
    /// <exception cref="ArgumentException">The end is before the beginning.</exception>
    public Picture Between(TimeSpan begin, TimeSpan end)
    {
        if (end < begin)
        {
            throw new ArgumentException($"{TimeText.Of(end)} is before {TimeText.Of(begin)}.", nameof(end));
        }

        begin = Within(begin);
        end = Within(end);
        return Part(
            begin,
            end,
            Devices.Select(device => device.Between(begin, end)),
            _entries.Where(entry => entry.Time >= begin && entry.Time <= end),
            Steps.Where(step => step.End >= begin && step.Begin <= end));
    }

    /// <summary>The same, with the steps of the story that it tells.</summary>
    internal Picture With(IEnumerable<PictureStep> steps) => Part(Begin, End, Devices, _entries, steps);

    private Picture Part(
        TimeSpan begin,
        TimeSpan end,
        IEnumerable<DeviceLanes> devices,
        IEnumerable<TraceEntry> entries,
        IEnumerable<PictureStep> steps) => new(Title, begin, end, [.. devices], [.. entries])
        {
            KernelName = KernelName,
            Aliases = Aliases,
            Steps = [.. steps],
        };

    private TimeSpan Within(TimeSpan time) => time < Begin ? Begin : time > End ? End : time;

    /// <summary>What happened, as lines for people: what people did, all three views, the statuses and the counts.</summary>
    public Timeline ToTimeline() => new Timeline(_entries, () => Names, Aliases).With(
        TraceKind.Operation, TraceKind.GuestState, TraceKind.HardwareState);
}
