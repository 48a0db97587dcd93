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
        TimeSpan end = Milliseconds(recorded, "t1");
        if (_machines.Count == 0)
        {
            _machines.AddRange(VfioMachine.Candidates(_header, start));
        }

        List<Attempt> attempts = [];
        foreach (VfioMachine machine in _machines)
        {
            TimeSpan call = CallTime.Of(machine, recorded, _header);
            attempts.AddRange(TimerSchedules.Advance(machine, call)
                .SelectMany(ready => ThreadSchedules.Of(ready, recorded))
                .SelectMany(ready => Perform(ready, recorded, end)));
        }

        int fewest = attempts.Min(attempt => attempt.Differences);
        List<Attempt> closest = [.. attempts.Where(attempt => attempt.Differences == fewest)
            .DistinctBy(attempt => attempt.Machine.Host.ComputeStateHash())];
        _machines = [.. closest.Select(attempt => attempt.Machine)];
        return closest[0].Played;
    }

    public Picture Draw(string title)
    {
        if (_machines.Count == 0)
        {
            throw new RecordingException("the recording has no event");
        }

        return _machines[0].Draw(title);
    }

    private static IEnumerable<Attempt> Perform(VfioMachine machine, JsonObject recorded, TimeSpan end)
    {
        machine.SetTraceAside();
        JsonObject answered = VfioOperations.Of(recorded).Play(machine, recorded);
        machine.Host.RuntimePm.GivesWay = machine.Host.Profile.RuntimePm.PreemptsVoluntarily;

        // The recorder waited until nothing moved any more, and then looked.
        return TimerSchedules.Advance(machine, end).Select(settled => Attempt.Of(settled, answered, recorded));
    }

    private static TimeSpan Milliseconds(JsonObject recorded, string field) =>
        TimeSpan.FromMilliseconds(recorded.Required<long>(field));

    /// <summary>An event as one machine played it.</summary>
    private sealed record Attempt(VfioMachine Machine, JsonObject Played, int Differences)
    {
        public static Attempt Of(VfioMachine machine, JsonObject answered, JsonObject recorded)
        {
            var played = (JsonObject)answered.DeepClone();
            played["t1"] = (long)machine.Host.Clock.Now.TotalMilliseconds;
            played["state"] = machine.State();
            played["rpm"] = new JsonArray([.. machine.Host.Trace.Entries
                .Where(static entry => entry.Kind == TraceKind.Rpm)
                .Select(static entry => JsonValue.Create(entry.Rpm.ToString()))]);
            return new Attempt(machine, played, Difference.Between(recorded, played).Count);
        }
    }
}
