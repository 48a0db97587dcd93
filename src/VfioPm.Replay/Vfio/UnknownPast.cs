namespace VfioPm;

/// <summary>
/// What no recording tells of a kernel's life before it, and what comes later may tell: when it looked for PME# last, and where its
/// ticks were.
/// </summary>
internal sealed record UnknownPast
{
    /// <summary>How long before its recording a machine has to be booted: the recorder bound and unbound each function once.</summary>
    public static readonly TimeSpan Preparation = TimeSpan.FromSeconds(5);

    // It lets the machine settle before a scenario; what the one before left to be done comes later.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(300);

    // pci_pme_list_scan() comes every second, as long as a function sleeps that may signal PME#.
    private static readonly TimeSpan PollPeriod = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PollStep = TimeSpan.FromMilliseconds(25);

    private const string Poll = "PME poll";

    // A second's sleep ends with every eighth tick (BootTicks has what longer ones show).
    private const int TicksOfSecond = 8;

    /// <summary>One of which nothing is left when the recording begins.</summary>
    public static UnknownPast Usual { get; } = new();

    /// <summary>All others that a machine may have.</summary>
    public static IEnumerable<UnknownPast> OthersOf(SimulatedHost host)
    {
        bool polls = host.Clock.Pending.Any(static pending => pending.What == Poll);
        IEnumerable<UnknownPast> phases = Enumerable.Range(0, (int)((PollPeriod - Settling) / PollStep))
            .Select(static step => new UnknownPast { NextPoll = step * PollStep });
        return Enumerable.Range(1, TicksOfSecond - 1).Select(static ticks => new UnknownPast { LaterTicks = ticks }).Concat(polls ? phases : []);
    }

    /// <summary>By how many ticks the first was later.</summary>
    public int LaterTicks { get; private init; }

    /// <summary>How long after its beginning PME is looked for, because a function slept before; null if none did.</summary>
    public TimeSpan? NextPoll { get; private init; }

    /// <summary>Lets a machine that was just booted live until the recording begins.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="start">When that is.</param>
    /// <param name="endpoints">The functions that the recorder bound and unbound.</param>
    public void Live(SimulatedHost host, TimeSpan start, IReadOnlyList<PciDevice> endpoints)
    {
        host.Kernel.JiffiesAtBoot -= LaterTicks;
        List<VfioPciDevice> bound = [];
        if (NextPoll is { } next)
        {
            host.Clock.Advance(start - (2 * PollPeriod) + next - host.Clock.Now);
            bound.AddRange(endpoints.Select(endpoint => host.VfioPci.Bind(endpoint)));
            host.Clock.Advance(start - Settling - host.Clock.Now);
        }

        foreach (PciDevice endpoint in endpoints)
        {
            (bound.Find(device => device.Pci == endpoint) ?? host.VfioPci.Bind(endpoint)).Unbind();
        }

        // Where that takes longer, the recording is of no such past.
        TimerSchedules.AdvanceTo(host.Clock, start);
    }
}
