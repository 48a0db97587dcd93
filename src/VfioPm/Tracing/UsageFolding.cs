namespace VfioPm;

/// <summary>
/// Makes one entry of the changes of a device's usage count that have one cause and one moment, and none where
/// they cancel out: what a call holds while it works is no news.
/// </summary>
internal static class UsageFolding
{
    public static IEnumerable<TraceEntry> Fold(IEnumerable<TraceEntry> entries)
    {
        List<TraceEntry> folded = [];
        foreach (TraceEntry entry in entries)
        {
            int earlier = entry.Kind == TraceKind.UsageCount
                ? folded.FindLastIndex(other => BelongTogether(entry, other))
                : -1;
            if (earlier < 0)
            {
                folded.Add(entry);
                continue;
            }

            folded[earlier] = folded[earlier] with
            {
                UsageCount = (folded[earlier].UsageCount.Before, entry.UsageCount.After),
            };
        }

        return folded.Where(entry =>
            entry.Kind != TraceKind.UsageCount || entry.UsageCount.Before != entry.UsageCount.After);
    }

    private static bool BelongTogether(in TraceEntry entry, in TraceEntry other) =>
        other.Kind == TraceKind.UsageCount
        && other.Device == entry.Device
        && other.Time == entry.Time
        && other.Cause == entry.Cause
        && other.UsageCount.After == entry.UsageCount.Before;
}
