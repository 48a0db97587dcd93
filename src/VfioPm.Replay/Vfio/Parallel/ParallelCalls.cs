using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// Several threads of the user's at once (<c>par</c>): each does one thing after the other, while the others go on.
/// </summary>
internal static class ParallelCalls
{
    // Longer than anything that a kernel waits for by itself: what still waits then waits for ever.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    public static IReadOnlyDictionary<string, VfioOperation> Table { get; } = new Dictionary<string, VfioOperation>
    {
        ["par"] = new(["ret", "threads"], Needs.Nothing, Perform),
    };

    private static JsonObject Perform(VfioMachine machine, JsonObject asked)
    {
        ParallelThread[] threads = [.. asked.RequiredList("threads", InputLimits.Devices).Select(calls => new ParallelThread(
            machine, calls as JsonArray ?? throw new RecordingException("a thread of \"par\" is not a list")))];
        TimeSpan end = machine.Host.Clock.Now + Longest;
        ParallelSteps steps = new(machine.Host, threads, end);
        while (true)
        {
            foreach (ParallelThread thread in threads)
            {
                thread.Return();
            }

            if (Array.TrueForAll(threads, static thread => thread.IsDone))
            {
                return new JsonObject { ["ret"] = 0, ["threads"] = new JsonArray([.. threads.Select(static thread => thread.Played)]) };
            }

            if (machine.Host.Clock.Now >= end)
            {
                throw new InvalidOperationException("a thread of \"par\" waits for ever");
            }

            steps.Take();
        }
    }
}
