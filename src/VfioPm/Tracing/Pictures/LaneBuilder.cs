namespace VfioPm;

/// <summary>Makes a lane of the changes of one value.</summary>
internal sealed class LaneBuilder(TraceKind kind, TimeSpan begin)
{
    private readonly List<LaneInterval> _intervals = [];
    private LaneInterval? _last;

    /// <summary>The value until the first change, where no change has told it.</summary>
    public void StartWith(int value) => _last ??= new LaneInterval(begin, begin, value, null);

    public void Add(in TraceEntry entry)
    {
        (int before, int after) = Values(entry);
        StartWith(before);
        EndLast(entry.Time);
        _last = new LaneInterval(entry.Time, entry.Time, after, entry.Cause);
    }

    /// <summary>The lane up to now, or null where nothing is known.</summary>
    public Lane? Build(TimeSpan end)
    {
        if (_last is not { } last)
        {
            return null;
        }

        return new Lane(kind, [.. Merge([.. _intervals, last with { End = end }])]);
    }

    private static (int Before, int After) Values(in TraceEntry entry) => entry.Kind switch
    {
        TraceKind.RuntimeStatus => ((int)entry.Status.Before, (int)entry.Status.After),
        TraceKind.UsageCount => entry.UsageCount,
        _ => ((int)entry.PowerState.Before, (int)entry.PowerState.After),
    };

    private void EndLast(TimeSpan end)
    {
        if (_last is { } last && end > last.Begin)
        {
            _intervals.Add(last with { End = end });
        }
    }

    /// <summary>One of neighbours that are alike: a count that went up and down in a moment has not changed.</summary>
    private static IEnumerable<LaneInterval> Merge(IReadOnlyList<LaneInterval> intervals)
    {
        LaneInterval merged = intervals[0];
        foreach (LaneInterval interval in intervals.Skip(1))
        {
            if (interval.Value == merged.Value)
            {
                merged = merged with { End = interval.End };
            }
            else
            {
                yield return merged;
                merged = interval;
            }
        }

        yield return merged;
    }
}
