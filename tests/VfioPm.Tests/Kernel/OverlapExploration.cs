namespace VfioPm.Tests;

/// <summary>
/// All orders in which calls that overlap may go on: at each point where one could wait or lose the processor any of those
/// that are ready may be next. States are told apart by their hashes.
/// </summary>
internal sealed class OverlapExploration
{
    private readonly HashSet<ulong> _seen = [];
    private readonly Action<SimulatedHost, IReadOnlyList<PendingCall>> _checkEnd;

    private OverlapExploration(Action<SimulatedHost, IReadOnlyList<PendingCall>> checkEnd) => _checkEnd = checkEnd;

    public int States => _seen.Count;

    /// <summary>The ends, told apart by what the calls returned.</summary>
    public SortedSet<string> Ends { get; } = new(StringComparer.Ordinal);

    /// <param name="host">Where the calls overlap.</param>
    /// <param name="begin">Begins them.</param>
    /// <param name="checkEnd">Looks at every end.</param>
    public static OverlapExploration Of(
        SimulatedHost host,
        Func<SimulatedHost, PendingCall[]> begin,
        Action<SimulatedHost, IReadOnlyList<PendingCall>> checkEnd)
    {
        host.Kernel.Scheduler = new PreemptsEverywhere();
        var exploration = new OverlapExploration(checkEnd);
        exploration.Visit(host, begin(host));
        return exploration;
    }

    private void Visit(SimulatedHost host, PendingCall[] calls)
    {
        Stack<(SimulatedHost Host, PendingCall[] Calls)> open = new([(host, calls)]);
        while (open.Count > 0)
        {
            (SimulatedHost here, PendingCall[] waiting) = open.Pop();
            if (!_seen.Add(HashOf(here, waiting)))
            {
                continue;
            }

            if (Array.TrueForAll(waiting, static call => call.IsCompleted))
            {
                Ends.Add(string.Join(' ', waiting.Select(static call => call.Result!.Value)));
                _checkEnd(here, waiting);
                continue;
            }

            for (int choice = here.Clock.CountNext() - 1; choice >= 0; choice--)
            {
                var fork = new ForkContext();
                SimulatedHost next = fork.Of(here);
                PendingCall[] calling = [.. waiting.Select(fork.Of)];
                next.Clock.RunNext(choice);
                open.Push((next, calling));
            }
        }
    }

    /// <summary>What the calls returned is no part of the host.</summary>
    private static ulong HashOf(SimulatedHost host, PendingCall[] calls)
    {
        StateHash hash = StateHash.Empty;
        hash.Add((long)host.ComputeStateHash());
        foreach (PendingCall call in calls)
        {
            hash.Add(call.Result?.Value ?? int.MaxValue);
        }

        return hash.Value;
    }
}
