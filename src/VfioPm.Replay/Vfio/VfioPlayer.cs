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

    /// <summary>Is shown the host that the recording begins on, before anything is played.</summary>
    public Action<SimulatedHost>? Begins { get; init; }

    /// <summary>The host after what was played so far; of several that explain it the first.</summary>
    public SimulatedHost Host => _machines[0].Host;

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

        _machines.ForEach(machine => BootTicks.Learn(machine, recorded, _header));

        // What the operation took beyond the model's time passed before it; or else after it, while the recorder waited
        // for what a timer had begun. A machine is used up by playing it.
        List<VfioMachine> untouched = [.. _machines.Select(machine => machine.Fork())];
        Closest closest = new();
        closest.AddRange(PlayOn(_machines, recorded, machine => CallTime.Of(machine, recorded, _header)));
        if (!closest.IsExplanation)
        {
            closest.AddRange(PlayOn(untouched, recorded, _ => start));
        }

        // A timer that ran out meanwhile may have done so later, or just when the recorder looked.
        if (!closest.IsExplanation)
        {
            IReadOnlyList<Attempt> usual = closest.Farthest;
            closest.AddRange(usual
                .SelectMany(static attempt => TimerSchedules.RunOutBehind(attempt.Ready, attempt.Ended))
                .SelectMany(ready => Perform(ready, [], recorded)));
            closest.AddRange(usual.SelectMany(attempt => Perform(attempt.Ready, [], recorded, TimerSchedules.InterruptLook)));
        }

        if (!closest.IsExplanation)
        {
            closest.AddRange(ThreadSchedules.Search(closest.Farthest, (ready, plan) => Perform(ready, plan, recorded)));
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

        Begins?.Invoke(machine.Host);
        return machine;
    }

    private static IEnumerable<Attempt> PlayOn(
        List<VfioMachine> machines, JsonObject recorded, Func<VfioMachine, TimeSpan> callTime) => machines
        .SelectMany(machine => TimerSchedules.Advance(machine, callTime(machine)))
        .SelectMany(ready => Perform(ready, [], recorded));

    private static IEnumerable<Attempt> Perform(VfioMachine ready, IReadOnlyList<int> plan, JsonObject recorded) =>
        Perform(ready, plan, recorded, TimerSchedules.Advance);

    private static IEnumerable<Attempt> Perform(
        VfioMachine ready, IReadOnlyList<int> plan, JsonObject recorded, Func<VfioMachine, TimeSpan, IEnumerable<VfioMachine>> settle)
    {
        VfioMachine machine = ready.Fork();
        machine.SetTraceAside();
        machine.Follow(plan);
        JsonObject answered = VfioOperations.Of(recorded).Play(machine, recorded);
        TimeSpan ended = machine.Host.Clock.Now;

        // The recorder waited until nothing moved any more, and then looked.
        return settle(machine, Milliseconds(recorded, "t1"))
            .Select(settled => new Attempt(ready, ended, settled, answered, recorded));
    }

    private static TimeSpan Milliseconds(JsonObject recorded, string field) =>
        TimeSpan.FromMilliseconds(recorded.Required<long>(field));
}
