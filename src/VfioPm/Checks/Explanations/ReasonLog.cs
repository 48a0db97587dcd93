namespace VfioPm;

/// <summary>
/// Keeps why each device was as it was. Only the model at that moment knows, so it is asked whenever time passes, if anything has
/// happened since.
/// </summary>
internal sealed class ReasonLog : IReasonLog
{
    private readonly RuntimePmCore _core;
    private readonly Dictionary<string, List<(TimeSpan Begin, string Text)>> _reasons = [];
    private int _entriesSeen = -1;

    public ReasonLog(RuntimePmCore core) => _core = core;

    private ReasonLog(ReasonLog original, ForkContext fork)
    {
        fork.Register(original, this);
        _core = fork.Of(original._core);
        _entriesSeen = original._entriesSeen;
        foreach ((string device, List<(TimeSpan, string)> reasons) in original._reasons)
        {
            _reasons.Add(device, [.. reasons]);
        }
    }

    public void OnMomentOver()
    {
        if (HostTrace.Of(_core.Clock) is not { } trace || trace.Entries.Count == _entriesSeen)
        {
            return;
        }

        _entriesSeen = trace.Entries.Count;
        foreach (string gone in _reasons.Keys.Except(_core.Devices.Select(static device => device.Name)))
        {
            Keep(gone, "");
        }

        foreach (RuntimePmDevice device in _core.Devices)
        {
            Keep(device.Name, _core.Clock.Aliases.In(new Story().WhyNow(device).ToString()));
        }
    }

    public IReadOnlyList<Reason> Of(string device)
    {
        OnMomentOver();
        TimeSpan now = _core.Clock.Now;
        return _reasons.TryGetValue(device, out List<(TimeSpan Begin, string Text)>? reasons)
            ? [.. reasons.Select((reason, at) => new Reason(reason.Begin, at + 1 < reasons.Count ? reasons[at + 1].Begin : now, reason.Text))]
            : [];
    }

    public IForkable Fork(ForkContext fork) => new ReasonLog(this, fork);

    private void Keep(string device, string text)
    {
        if (!_reasons.TryGetValue(device, out List<(TimeSpan Begin, string Text)>? reasons))
        {
            reasons = [];
            _reasons.Add(device, reasons);
        }

        if (reasons.Count == 0 || reasons[^1].Text != text)
        {
            // Nobody was there in between two looks at one moment.
            if (reasons.Count > 0 && reasons[^1].Begin == _core.Clock.Now)
            {
                reasons.RemoveAt(reasons.Count - 1);
            }

            reasons.Add((_core.Clock.Now, text));
        }
    }
}
