using System.Globalization;
using System.Text;

namespace VfioPm;

/// <summary>
/// What happened, as lines for people: when, to whom, what, and why. A reason is written once and holds for the
/// lines below it until another is written, or a dash, where none is known; gets and puts that go together are one line, or none, and what is done
/// again and again at one moment is one line with its number.
/// </summary>
public sealed class Timeline
{
    // "Suspending → Suspended": so that timelines of one host line up.
    private const int UsualWhatWidth = 22;

    // A blank would say that the reason above still holds.
    private const string NoReason = "-";

    private readonly IReadOnlyList<TraceEntry> _history;
    private readonly Func<IReadOnlyCollection<string>> _devices;
    private readonly DeviceAliases _aliases;
    private readonly ForgottenEntries _forgotten;
    private readonly Selection _selection;

    internal Timeline(
        IReadOnlyList<TraceEntry> history,
        Func<IReadOnlyCollection<string>> devices,
        DeviceAliases aliases,
        ForgottenEntries forgotten = default)
        : this(history, devices, aliases, forgotten, new Selection([TraceKind.PowerState, TraceKind.RuntimeStatus, TraceKind.UsageCount, TraceKind.Failure, TraceKind.Log]))
    {
    }

    private Timeline(
        IReadOnlyList<TraceEntry> history,
        Func<IReadOnlyCollection<string>> devices,
        DeviceAliases aliases,
        ForgottenEntries forgotten,
        Selection selection)
    {
        _history = history;
        _devices = devices;
        _aliases = aliases;
        _forgotten = forgotten;
        _selection = selection;
    }

    /// <summary>Whether nothing is left to show.</summary>
    internal bool IsEmpty => !Shown.Any();

    /// <summary>Only what happened to these devices.</summary>
    /// <exception cref="ArgumentException">There is no device of such a name; the message lists those that there are.</exception>
    public Timeline Of(params string[] devices)
    {
        string[] names = DeviceFilter.Find(devices, _devices(), _aliases);
        return Where(entry => names.Contains(entry.Device));
    }

    /// <summary>Only what happened to a device that somebody has, if anything did.</summary>
    internal Timeline About(RuntimePmDevice device) => Where(entry => entry.Device == device.Name);

    /// <inheritdoc cref="Of(string[])"/>
    public Timeline Of(params PciDevice[] devices) => Of(DeviceFilter.NamesOf(devices));

    /// <summary>
    /// Only these kinds of things; unless told, the kernel's power states, the runtime-PM statuses, the usage counts, the
    /// calls that failed and what the kernel said.
    /// </summary>
    public Timeline Of(params TraceKind[] kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        return With(_selection with { Kinds = [.. kinds] });
    }

    /// <summary>
    /// These kinds of things too: what people did, what guest and hardware made of it, or the runtime-PM core's trace
    /// events in ftrace's words.
    /// </summary>
    public Timeline With(params TraceKind[] kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        return Of([.. _selection.Kinds, .. kinds]);
    }

    /// <summary>Only what happened at this time or later.</summary>
    public Timeline Since(TimeSpan time) =>
        With(_selection with { Begin = time > _selection.Begin ? time : _selection.Begin }).Where(entry => entry.Time >= time);

    /// <summary>Only what happened at this time or earlier.</summary>
    public Timeline Until(TimeSpan time) => Where(entry => entry.Time <= time);

    /// <summary>Only what was recorded after the first so many entries of the trace, of which it may have forgotten some.</summary>
    public Timeline After(int entries) => With(_selection with { First = entries });

    /// <summary>Only the last so many lines.</summary>
    public Timeline Last(int lines) => With(_selection with { Lines = lines });

    /// <summary>The lines, each with its end.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        TraceEntry[] entries = [.. Shown];
        int deviceWidth = entries.Select(entry => _aliases.TitleOf(entry.Device).Length).DefaultIfEmpty().Max();
        int whatWidth = entries.Where(HasReason).Select(entry => entry.What.Length).DefaultIfEmpty().Max();
        whatWidth = Math.Max(whatWidth, UsualWhatWidth);
        string reasonAbove = "";
        if (IsCut)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{TimeText.Of(_forgotten.Until),9}  {_forgotten.Count} entries up to here were forgotten: the trace has at most {_history.Count}");
        }

        foreach (TraceEntry entry in entries)
        {
            string reason = HasReason(entry) ? ReasonOf(entry) : reasonAbove;
            string line = $"{TimeText.Of(entry.Time),9}  {_aliases.TitleOf(entry.Device).PadRight(deviceWidth)}  "
                + $"{entry.What.PadRight(whatWidth)}  {(reason == reasonAbove ? "" : reason.Length > 0 ? reason : NoReason)}";
            text.AppendLine(line.TrimEnd());
            reasonAbove = reason;
        }

        return text.ToString();
    }

    private IEnumerable<TraceEntry> Shown => OperationFolding
        .Fold(UsageFolding.Fold(_history.Skip((int)Math.Max(_selection.First - _forgotten.Count, 0)).Where(_selection.Has)))
        .TakeLast(_selection.Lines);

    /// <summary>Whether there could have been more at the beginning.</summary>
    private bool IsCut =>
        _forgotten.Count > _selection.First && _forgotten.Until >= _selection.Begin && _selection.Lines == int.MaxValue;

    /// <summary>What the kernel says is long, and says why.</summary>
    private static bool HasReason(TraceEntry entry) => entry.Kind != TraceKind.Log;

    private Timeline Where(Func<TraceEntry, bool> condition)
    {
        Func<TraceEntry, bool> others = _selection.Condition;
        return With(_selection with { Condition = entry => others(entry) && condition(entry) });
    }

    private Timeline With(Selection selection) => new(_history, _devices, _aliases, _forgotten, selection);

    /// <summary>The cause, and for a device with children which of them let it sleep.</summary>
    private string ReasonOf(in TraceEntry entry)
    {
        string cause = entry.Cause?.ToString() ?? "";
        return _aliases.In(LastSleepBelow(entry) is { } sleep
            ? $"{cause}, last child {sleep.Device} suspended at {TimeText.Of(sleep.Time)}"
            : cause);
    }

    /// <summary>The child that fell asleep last before the device did, if <paramref name="entry"/> is about that.</summary>
    private TraceEntry? LastSleepBelow(TraceEntry entry)
    {
        bool goesToSleep = entry.Kind switch
        {
            TraceKind.RuntimeStatus => entry.Status.After is RuntimeStatus.Suspending or RuntimeStatus.Suspended,
            TraceKind.PowerState => entry.PowerState.After > entry.PowerState.Before,
            _ => false,
        };
        return goesToSleep && _history.Any(other => IsSleepBelow(entry, other))
            ? _history.Last(other => IsSleepBelow(entry, other))
            : null;
    }

    private static bool IsSleepBelow(in TraceEntry entry, in TraceEntry other) =>
        other.Parent == entry.Device && other.IsFallingAsleep && other.Time <= entry.Time;

    private sealed record Selection(TraceKind[] Kinds)
    {
        public int First { get; init; }

        public TimeSpan Begin { get; init; } = TimeSpan.MinValue;

        public int Lines { get; init; } = int.MaxValue;

        public Func<TraceEntry, bool> Condition { get; init; } = _ => true;

        public bool Has(TraceEntry entry) => Kinds.Contains(entry.Kind) && Condition(entry);
    }
}
