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
        var start = TimeSpan.FromMilliseconds(recorded.Required<long>("t0"));
        TimeSpan taken = recorded["took"] is { } took ? TimeSpan.FromMilliseconds((double)took) : Taken(recorded, header);
        if (taken <= TimeSpan.Zero)
        {
            return start;
        }

        TimeSpan unexplained = taken - Rehearse(machine.Fork(), recorded);
        return unexplained > TimeSpan.Zero && unexplained <= Longest ? start + unexplained : start;
    }

    /// <summary>How long the recorder was busy with the operation, the wait after it not counted.</summary>
    public static TimeSpan Taken(JsonObject recorded, JsonObject header) => TimeSpan.FromMilliseconds(
        recorded.Required<long>("t1") - recorded.Required<long>("t0")
        - header.RequiredNumber("settle_ms", 0, ScenarioHead.LongestWait)) - Overhead;

    /// <summary>How long the operation takes on a machine, which is used up by it.</summary>
    public static TimeSpan Rehearse(VfioMachine machine, JsonObject recorded)
    {
        VirtualClock clock = machine.Host.Clock;
        var start = TimeSpan.FromMilliseconds(recorded.Required<long>("t0"));
        clock.Advance(start > clock.Now ? start - clock.Now : TimeSpan.Zero);
        TimeSpan begun = clock.Now;
        _ = VfioOperations.Of(recorded).Play(machine, recorded);
        return clock.Now - begun;
    }
}
