using System.Text.Json.Nodes;

namespace VfioPm.Cli;

/// <summary>
/// Plays <c>vfio-pm-trace/1</c>. A timer with slack may fire at any moment of its window, and only the recording
/// tells when it did: the player goes on with every machine that explains what was recorded so far, and for an
/// event that none explains with the one that comes closest.
/// </summary>
internal sealed class VfioPlayer : IRecordingPlayer
{
    private readonly JsonObject _header;
    private List<VfioMachine> _machines = [];

    public VfioPlayer(JsonObject header) => _header = header;

    public JsonObject Play(JsonObject recorded)
    {
        TimeSpan start = Milliseconds(recorded, "t0");
        if (_machines.Count == 0)
        {
            _machines.AddRange(VfioMachine.Candidates(_header, start));
        }

        List<Attempt> attempts = [];
        foreach (VfioMachine machine in _machines)
        {
            foreach (VfioMachine scheduled in TimerSchedules.Of(machine, start, Milliseconds(recorded, "t1")))
            {
                attempts.Add(Attempt.Make(scheduled, recorded, start));
            }
        }

        int fewest = attempts.Min(attempt => attempt.Differences);
        List<Attempt> best = [.. attempts.Where(attempt => attempt.Differences == fewest)
            .DistinctBy(attempt => attempt.Machine.Host.ComputeStateHash())];
        _machines = [.. best.Select(attempt => attempt.Machine)];
        return best[0].Played;
    }

    private static TimeSpan Milliseconds(JsonObject recorded, string field) =>
        TimeSpan.FromMilliseconds(recorded.Required<long>(field));

    /// <summary>An event as one machine played it.</summary>
    private sealed record Attempt(VfioMachine Machine, JsonObject Played, int Differences)
    {
        public static Attempt Make(VfioMachine machine, JsonObject recorded, TimeSpan start)
        {
            VirtualClock clock = machine.Host.Clock;
            machine.Host.Trace.Clear();
            clock.Advance(start > clock.Now ? start - clock.Now : TimeSpan.Zero);
            JsonObject played = VfioOperations.Of(recorded).Play(machine, recorded);

            // The recorder waited until nothing moved any more.
            TimeSpan end = Milliseconds(recorded, "t1");
            clock.Advance(end > clock.Now ? end - clock.Now : TimeSpan.Zero);
            played["t1"] = (long)clock.Now.TotalMilliseconds;
            played["state"] = machine.State();
            played["rpm"] = new JsonArray([.. machine.Host.Trace.Entries
                .Where(entry => entry.Kind == TraceKind.Rpm)
                .Select(entry => JsonValue.Create(entry.Rpm.ToString()))]);
            return new Attempt(machine, played, Difference.Between(recorded, played).Count);
        }
    }
}
