using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// Several threads of the user's at once (<c>par</c>): each does one thing after the other, while the others go on.
/// </summary>
internal static class ParallelCalls
{
    // Longer than anything that a kernel waits for by itself: what still waits then waits for ever.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    // So shortly before a call its thread may already run, and have the processor.
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(1);

    public static IReadOnlyDictionary<string, VfioOperation> Table { get; } = new Dictionary<string, VfioOperation>
    {
        ["par"] = new(["ret", "threads"], Needs.Nothing, Perform),
    };

    /// <summary>Whether a worker that is ready runs before the user's next call, or the user's threads keep the processor.</summary>
    public static bool GivesWay(Kernel kernel) => kernel.Scheduler.Preempts(kernel, PreemptionPoint.MightSleep);

    private static JsonObject Perform(VfioMachine machine, JsonObject asked)
    {
        ParallelThread[] threads = [.. asked.RequiredList("threads", InputLimits.Devices).Select(calls => new ParallelThread(
            machine, calls as JsonArray ?? throw new RecordingException("a thread of \"par\" is not a list")))];
        VirtualClock clock = machine.Host.Clock;
        TimeSpan end = clock.Now + Longest;
        while (true)
        {
            foreach (ParallelThread thread in threads.OrderBy(static thread => thread.SleepsUntil))
            {
                thread.Proceed();
            }

            if (Array.TrueForAll(threads, static thread => thread.IsDone))
            {
                return new JsonObject { ["ret"] = 0, ["threads"] = new JsonArray([.. threads.Select(static thread => thread.Played)]) };
            }

            if (clock.Now >= end)
            {
                throw new InvalidOperationException("a thread of \"par\" waits for ever");
            }

            // Who sleeps is woken by nobody, and leaves the processor to others.
            ParallelThread? next = threads.MinBy(static thread => thread.SleepsUntil ?? TimeSpan.MaxValue);
            TimeSpan until = next?.SleepsUntil ?? end;
            bool isBusy = next is { IsBetweenCalls: true } && until - clock.Now <= Busy;
            if (isBusy && clock.IsAnythingDue && !GivesWay(machine.Host.Kernel))
            {
                clock.Spin(until - clock.Now);
            }
            else
            {
                clock.AdvanceUntil(() => Array.Exists(threads, static thread => thread.IsReady), until - clock.Now);
            }
        }
    }
}
