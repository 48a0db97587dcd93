namespace VfioPm;

/// <summary>Who holds a device active, as far as the trace goes back: the gets that no put answered.</summary>
internal static class UsageHolders
{
    /// <summary>The open gets in words, oldest first: "opened at 0.000 s".</summary>
    public static IEnumerable<string> Of(RuntimePmDevice device) => OpenGets(device).Select(entry => entry.Origin);

    /// <summary>
    /// The puts in words, oldest first: "closed at 1.500 s". What a call gives back that it took itself is none.
    /// </summary>
    public static IEnumerable<string> PutsOf(RuntimePmDevice device) => UsageFolding.Fold(Changes(device))
        .Where(entry => entry.UsageCount.After < entry.UsageCount.Before)
        .Select(entry => entry.Origin);

    private static IEnumerable<TraceEntry> Changes(RuntimePmDevice device) =>
        HostTrace.Of(device)?.Entries.Where(entry => entry.Kind == TraceKind.UsageCount && entry.Device == device.Name)
        ?? [];

    /// <summary>A put answers the latest get of its own cause, or else the latest.</summary>
    private static List<TraceEntry> OpenGets(RuntimePmDevice device)
    {
        List<TraceEntry> open = [];
        foreach (TraceEntry entry in Changes(device))
        {
            if (entry.UsageCount.After > entry.UsageCount.Before)
            {
                open.Add(entry);
            }
            else if (open.Count > 0)
            {
                int answered = open.FindLastIndex(get => get.Cause == entry.Cause);
                open.RemoveAt(answered >= 0 ? answered : open.Count - 1);
            }
        }

        return open;
    }
}
