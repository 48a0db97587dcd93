namespace VfioPm;

/// <summary>Who holds a device active, as far as the trace goes back: the gets that no put answered.</summary>
internal static class UsageHolders
{
    /// <summary>The gets that are open: a put answers the latest get of its own cause, or else the latest.</summary>
    public static IReadOnlyList<TraceEntry> Of(RuntimePmDevice device)
    {
        List<TraceEntry> open = [];
        foreach (TraceEntry entry in HostTrace.Of(device)?.Entries ?? [])
        {
            if (entry.Kind != TraceKind.UsageCount || entry.Device != device.Name)
            {
                continue;
            }

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
