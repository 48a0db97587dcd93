namespace VfioPm;

/// <summary>
/// Makes lanes and marks of the entries of a trace. An entry tells what was before it, so a lane is known from the
/// beginning; one without entries has the value that the device has now.
/// </summary>
internal sealed class PictureBuilder
{
    private readonly HostTrace _trace;
    private readonly IReadOnlyList<TraceEntry> _entries;
    private readonly Dictionary<string, string?> _parents = [];
    private readonly Dictionary<(string Device, TraceKind Kind), LaneBuilder> _lanes = [];
    private readonly List<string> _devices = [];
    private readonly TimeSpan _begin;
    private readonly TimeSpan _end;
    private readonly IReasonLog? _reasons;

    private PictureBuilder(HostTrace trace, IReadOnlyList<TraceEntry> entries)
    {
        _trace = trace;
        _entries = entries;
        _end = trace.Core.Clock.Now;
        _begin = entries.Count > 0 ? entries[0].Time : _end;
        _reasons = trace.Clock.Moments.Find<IReasonLog>();
    }

    public static Picture Build(HostTrace trace, IReadOnlyList<TraceEntry> entries, string title) =>
        new PictureBuilder(trace, entries).Build(title);

    private Picture Build(string title)
    {
        foreach (RuntimePmDevice device in _trace.Core.Devices)
        {
            AddDevice(device.Name, device.Parent?.Name);
        }

        foreach (TraceEntry entry in _entries)
        {
            AddDevice(entry.Device, entry.Parent);
            if (Lane.Kinds.Contains(entry.Kind))
            {
                _lanes[(entry.Device, entry.Kind)].Add(entry);
            }
        }

        foreach (RuntimePmDevice device in _trace.Core.Devices)
        {
            AddPresent(device);
        }

        return new Picture(title, _begin, _end, [.. _devices.Select(LanesOf)], [.. _entries])
        {
            KernelName = _trace.KernelName,
            Aliases = _trace.Clock.Aliases,
        };
    }

    private void AddDevice(string name, string? parent)
    {
        if (_parents.TryAdd(name, parent))
        {
            _devices.Add(name);
            foreach (TraceKind kind in Lane.Kinds)
            {
                _lanes.Add((name, kind), new LaneBuilder(kind, _begin));
            }
        }
    }

    private void AddPresent(RuntimePmDevice device)
    {
        void StartWith(TraceKind kind, int value) => _lanes[(device.Name, kind)].StartWith(value);

        StartWith(TraceKind.RuntimeStatus, (int)device.Status);
        StartWith(TraceKind.UsageCount, device.UsageCount);
        if (PciRuntimePm.FunctionOf(device) is { } pci)
        {
            StartWith(TraceKind.PowerState, (int)pci.PowerState);
            StartWith(TraceKind.HardwareState, (int)pci.Hardware.PowerState);
        }

        if (_trace.GuestStateOf(device.Name) is { } shown and not PowerState.Unknown)
        {
            StartWith(TraceKind.GuestState, (int)shown);
        }
    }

    private DeviceLanes LanesOf(string device) => new(
        device,
        _parents[device],
        [.. Lane.Kinds.Select(kind => _lanes[(device, kind)].Build(_end)).OfType<Lane>()],
        [
            .. _entries
                .Where(entry => entry.Kind == TraceKind.Operation && entry.Device == device)
                .Select(entry => new Mark(entry.Time, entry.What, entry.Cause)),
        ])
    {
        Alias = _trace.Clock.Aliases.Of(device),
        Reasons = _reasons?.Of(device) ?? [],
    };
}
