namespace VfioPm.Tests;

/// <summary>
/// Types of one layer that need each other, directly or by way of others: none of them can be read, or changed, without
/// the rest.
/// </summary>
internal static class Knots
{
    /// <summary>The names of those in each knot, the largest first.</summary>
    public static IReadOnlyList<string[]> In(CodeModel code, string layer)
    {
        ILookup<string, string> needs = code.References
            .Where(reference => Layers.Of(reference.From) == layer && Layers.Of(reference.To) == layer)
            .Select(reference => (From: reference.From.MetadataName, To: reference.To.MetadataName))
            .Distinct()
            .ToLookup(need => need.From, need => need.To);
        Dictionary<string, HashSet<string>> reached = needs.ToDictionary(type => type.Key, type => ReachedFrom(type.Key, needs));

        bool NeedEachOther(string one, string other) =>
            reached[one].Contains(other) && reached.TryGetValue(other, out HashSet<string>? back) && back.Contains(one);

        return
        [
            .. reached.Keys
                .Order(StringComparer.Ordinal)
                .Select(type => reached.Keys.Where(other => NeedEachOther(type, other)).Order(StringComparer.Ordinal).ToArray())
                .Where(knot => knot.Length > 1)
                .DistinctBy(knot => knot[0])
                .OrderByDescending(knot => knot.Length),
        ];
    }

    private static HashSet<string> ReachedFrom(string type, ILookup<string, string> needs)
    {
        HashSet<string> reached = [];
        Stack<string> open = new(needs[type]);
        while (open.TryPop(out string? next))
        {
            if (reached.Add(next))
            {
                foreach (string needed in needs[next])
                {
                    open.Push(needed);
                }
            }
        }

        return reached;
    }
}
