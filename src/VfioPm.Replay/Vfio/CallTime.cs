using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// When an operation was really begun. The recorder read the clock before it; what its machine took for the operation
/// beyond what the model takes passed, as far as anybody can tell, before the kernel did anything.
/// </summary>
internal static class CallTime
{
    // What the recorder takes beside the operation and the wait after it.
    private static readonly TimeSpan Overhead = TimeSpan.FromMilliseconds(2);

    // More than that is no slow machine: the recorder waited on, because something moved.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(40);

    public static TimeSpan Of(VfioMachine machine, JsonObject recorded, JsonObject header)
    {
        TimeSpan start = TimeSpan.FromMilliseconds(recorded.Required<long>("t0"));
        TimeSpan end = TimeSpan.FromMilliseconds(recorded.Required<long>("t1"));
        TimeSpan taken = end - start - TimeSpan.FromMilliseconds(header.RequiredNumber("settle_ms", 0, ScenarioHead.LongestWait)) - Overhead;
        if (taken <= TimeSpan.Zero)
        {
            return start;
        }

        VfioMachine rehearsal = machine.Fork();
        VirtualClock clock = rehearsal.Host.Clock;
        clock.Advance(start > clock.Now ? start - clock.Now : TimeSpan.Zero);
        TimeSpan begun = clock.Now;
        _ = VfioOperations.Of(recorded).Play(rehearsal, recorded);
        TimeSpan unexplained = taken - (clock.Now - begun);
        return unexplained > TimeSpan.Zero && unexplained <= Longest ? start + unexplained : start;
    }
}
