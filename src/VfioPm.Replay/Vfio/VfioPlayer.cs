using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// Plays <c>vfio-pm-trace/1</c>. A timer with slack may fire at any moment of its window, and only the recording
/// tells when it did: the player goes on with every machine that explains what was recorded so far, and for an
/// event that none explains with the one that comes closest.
/// </summary>
internal sealed class VfioPlayer : IRecordingPlayer
{
    private readonly JsonObject _header;
    private List<VfioMachine> _machines = [];
    private TimeSpan? _begin;
    private bool _keepsReasons;

    public VfioPlayer(JsonObject header) => _header = header;

    public JsonObject Play(JsonObject recorded)
    {
        TimeSpan start = Milliseconds(recorded, "t0");
        _begin ??= start;
        if (Milliseconds(recorded, "t1") - _begin > InputLimits.Duration)
        {
            throw new RecordingException($"a recording is of at most {InputLimits.Duration.TotalHours} hours");
        }

        if (_machines.Count == 0)
        {
            _machines.Add(Create(start));
        }

        // What the operation took beyond the model's time passed before it; or else after it, while the recorder waited
        // for what a timer had begun. A machine is used up by playing it.
        List<VfioMachine> untouched = [.. _machines.Select(machine => machine.Fork())];
        Closest closest = new();
        closest.AddRange(PlayOn(_machines, recorded, machine => CallTime.Of(machine, recorded, _header)));
        if (!closest.IsExplanation)
        {
            closest.AddRange(PlayOn(untouched, recorded, _ => start));
        }

        _machines = [.. closest.Attempts.Select(static attempt => attempt.Machine)];
        return closest.Attempts[0].Played;
    }

    public void KeepReasons() => _keepsReasons = true;

    public Picture Draw(string title) => _machines[0].Draw(title);

    private VfioMachine Create(TimeSpan start)
    {
        VfioMachine machine = new(_header, start);
        if (_keepsReasons)
        {
            machine.Host.Trace.KeepReasons();
        }

        return machine;
    }

    private static IEnumerable<Attempt> PlayOn(
        List<VfioMachine> machines, JsonObject recorded, Func<VfioMachine, TimeSpan> callTime) => machines
        .SelectMany(machine => TimerSchedules.Advance(machine, callTime(machine)))
        .SelectMany(ready => ThreadSchedules.Of(ready, recorded))
        .SelectMany(ready => Perform(ready, recorded));

    private static IEnumerable<Attempt> Perform(VfioMachine machine, JsonObject recorded)
    {
        machine.SetTraceAside();
        JsonObject answered = VfioOperations.Of(recorded).Play(machine, recorded);
        machine.Host.Kernel.GivesWay = machine.Host.Profile.RuntimePm.PreemptsVoluntarily;

        // The recorder waited until nothing moved any more, and then looked.
        return TimerSchedules.Advance(machine, Milliseconds(recorded, "t1"))
            .Select(settled => Attempt.Of(settled, answered, recorded));
    }

    private static TimeSpan Milliseconds(JsonObject recorded, string field) =>
        TimeSpan.FromMilliseconds(recorded.Required<long>(field));

    /// <summary>
    /// Those attempts that come closest to what was recorded, one of each state. Some events have hundreds of thousands;
    /// no other is kept.
    /// </summary>
    private sealed class Closest
    {
        private readonly HashSet<ulong> _hashes = [];
        private int _tried;

        public List<Attempt> Attempts { get; } = [];

        /// <summary>Whether one of them differs in nothing.</summary>
        public bool IsExplanation => Attempts is [{ Distance.Fields: 0 }, ..];

        public void AddRange(IEnumerable<Attempt> attempts)
        {
            foreach (Attempt attempt in attempts)
            {
                Add(attempt);
            }
        }

        private void Add(Attempt attempt)
        {
            if (++_tried > InputLimits.Orders)
            {
                throw new RecordingException($"timers leave more than {InputLimits.Orders} orders open");
            }

            int difference = Attempts.Count == 0 ? -1 : attempt.Distance.CompareTo(Attempts[0].Distance);
            if (difference < 0)
            {
                Attempts.Clear();
                _hashes.Clear();
            }

            if (difference <= 0 && _hashes.Add(attempt.Machine.Host.ComputeStateHash()))
            {
                Attempts.Add(attempt);
            }
        }
    }

    /// <summary>An event as one machine played it.</summary>
    /// <param name="Machine">The machine.</param>
    /// <param name="Played">What it did.</param>
    /// <param name="Distance">In how many fields it differs, and whether in more than the order of the trace's lines.</param>
    private sealed record Attempt(VfioMachine Machine, JsonObject Played, (int Fields, bool Lines) Distance)
    {
        public static Attempt Of(VfioMachine machine, JsonObject answered, JsonObject recorded)
        {
            JsonObject played = machine.Observe(answered);
            int fields = Difference.Between(recorded, played).Count;
            return new Attempt(machine, played, (fields, fields > 0 && !HaveSameLines(recorded, played)));
        }

        private static bool HaveSameLines(JsonObject recorded, JsonObject played) =>
            LinesOf(recorded).Order().SequenceEqual(LinesOf(played).Order());

        private static IEnumerable<string> LinesOf(JsonObject recorded) =>
            recorded["rpm"] is JsonArray lines ? lines.Select(static line => (string)line!) : [];
    }
}
