namespace VfioPm;

/// <summary>Makes one of what somebody did to a device again and again at one moment, with nothing shown in between.</summary>
internal static class OperationFolding
{
    public static IEnumerable<TraceEntry> Fold(IEnumerable<TraceEntry> entries)
    {
        TraceEntry? pending = null;
        int times = 0;
        foreach (TraceEntry entry in entries)
        {
            if (pending == entry && entry.Kind == TraceKind.Operation)
            {
                times++;
                continue;
            }

            if (pending is { } done)
            {
                yield return Repeated(done, times);
            }

            pending = entry;
            times = 1;
        }

        if (pending is { } last)
        {
            yield return Repeated(last, times);
        }
    }

    /// <summary>"guest reads configuration space ×23".</summary>
    public static string Words(string what, int times) => times > 1 ? $"{what} ×{times}" : what;

    private static TraceEntry Repeated(in TraceEntry entry, int times) => entry.Kind == TraceKind.Operation
        ? entry with { Operation = Words(entry.What, times) }
        : entry;
}
