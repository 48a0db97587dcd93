using System.Text;

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
        DeviceFilter.Refuse(devices, Names);
        return new Picture(
            Title,
            Begin,
            End,
            [.. Devices.Where(device => devices.Contains(device.Name))],
            [.. _entries.Where(entry => devices.Contains(entry.Device))]);
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
        bool Shows(TimeSpan time) => time >= begin && time <= end;
        return new Picture(
            Title,
            begin,
            end,
            [
                .. Devices.Select(device => device with
                {
                    Lanes = [.. device.Lanes.Select(lane => lane.Between(begin, end))],
                    Marks = [.. device.Marks.Where(mark => Shows(mark.Time))],
                }),
            ],
            [.. _entries.Where(entry => Shows(entry.Time))]);
    }

    private TimeSpan Within(TimeSpan time) => time < Begin ? Begin : time > End ? End : time;

    /// <summary>What happened, as lines for people: what people did, all three views, the statuses and the counts.</summary>
    public Timeline ToTimeline() => new Timeline(_entries, () => Names).With(
        TraceKind.Operation, TraceKind.GuestState, TraceKind.HardwareState);

    /// <summary>The picture as text of a format.</summary>
    public string To(PictureFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        return format.Write(this);
    }

    /// <summary>Writes the picture to a file; folders are made.</summary>
    /// <param name="path">Where: "out/sleeps.svg".</param>
    /// <param name="format">In which format; by default the one that the name's extension tells.</param>
    /// <returns>The full path, for a test framework that takes attachments.</returns>
    /// <exception cref="ArgumentException">None is given, and none has that extension; the message lists them.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public string Save(string path, PictureFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        format ??= PictureFormat.OfFile(path) ?? throw new ArgumentException(
            $"\"{path}\" ends in none of {string.Join(", ", PictureFormat.All.Select(known => known.Extension))}.", nameof(path));
        string file = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, To(format), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return file;
    }
}
