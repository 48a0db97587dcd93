namespace VfioPm;

/// <summary>
/// How a machine falls into parts that have nothing in common. In which order things happen to two of them makes no difference, so
/// a state's hash has no order between them: orders that lead to one state are one order (the independence of partial-order
/// reduction: Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996).
/// </summary>
internal sealed class MachineParts : IUnchanging
{
    /// <summary>The number of no part: what has it may have to do with all of them.</summary>
    public const int None = 0;

    /// <summary>One part, since everything may have to do with everything.</summary>
    public static readonly MachineParts Whole = new([]);

    private readonly Dictionary<string, int> _parts = [];

    /// <param name="parts">The names of the devices of each.</param>
    public MachineParts(IEnumerable<IEnumerable<string>> parts)
    {
        int last = None;
        foreach (IEnumerable<string> part in parts)
        {
            last++;
            foreach (string device in part)
            {
                _parts.Add(device, last);
            }
        }

        Last = Math.Max(1, last);
    }

    /// <summary>The number of the last one; that of the first is 1.</summary>
    public int Last { get; }

    /// <summary>The part that a device is of.</summary>
    public int PartOf(string? device) =>
        Last > 1 && device is not null && _parts.TryGetValue(device, out int part) ? part : None;

    /// <summary>Whether what is about one device may make a difference to another.</summary>
    public bool MayMatter(string? device, string? other) => PartOf(other) is var its && (its == None || Concerns(its, device));

    /// <summary>Whether what is about a device makes a difference to a part.</summary>
    public bool Concerns(int part, string? device) => PartOf(device) is var its && (its == part || its == None);
}
