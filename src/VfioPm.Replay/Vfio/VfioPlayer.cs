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
    private readonly List<RecordedEvent> _played = [];
    private List<VfioMachine> _machines = [];
    private List<VfioMachine> _before = [];
    private bool _isPastKnown;
    private bool _keepsReasons;

    public VfioPlayer(JsonObject header) => _header = header;

    /// <summary>Is shown the host that the recording begins on, before anything is played.</summary>
    public Action<SimulatedHost>? Begins { get; init; }

    /// <summary>The host after what was played so far; of several that explain it the first.</summary>
    public SimulatedHost Host => _machines[0].Host;

    public ReplayedEvent Play(JsonObject json)
    {
        RecordedEvent recorded = new(json, _header);
        if (recorded.End - FirstUpTo(recorded).Start > InputLimits.Duration)
        {
            throw new RecordingException($"a recording is of at most {InputLimits.Duration.TotalHours} hours");
        }

        if (_machines.Count == 0)
        {
            _machines.Add(Create(recorded.Start, UnknownPast.Usual));
            Begins?.Invoke(Host);
        }

        Explanations found = Explain(_machines, recorded, out List<VfioMachine> before);
        if (!found.AreExact)
        {
            found = ExplainByWhatNobodySaw(before, recorded) ?? found;
        }

        _played.Add(recorded);
        _before = before;
        _machines = found.Machines;
        return new ReplayedEvent(json, found.First!);
    }

    public void KeepReasons() => _keepsReasons = true;

    public Picture Draw(string title) => _machines[0].Draw(title);

    private RecordedEvent FirstUpTo(RecordedEvent recorded) => _played.Count > 0 ? _played[0] : recorded;

    private VfioMachine Create(TimeSpan start, UnknownPast past)
    {
        VfioMachine machine = new(_header, start, past);
        if (_keepsReasons)
        {
            machine.KeepReasons();
        }
        else
        {
            // Whoever is shown the host may look into its trace.
            machine.Host.Trace.IsEnabled = Begins is not null;
        }

        return machine;
    }

    /// <param name="machines">The machines before the event, which are used up.</param>
    /// <param name="recorded">The event.</param>
    /// <param name="before">A fork of each, which stays.</param>
    private static Explanations Explain(List<VfioMachine> machines, RecordedEvent recorded, out List<VfioMachine> before)
    {
        machines.ForEach(machine => BootTicks.Learn(machine, recorded));

        // Nearly every event is what comes of the usual order, so nothing else is tried before that.
        before = [.. machines.Select(static machine => machine.Fork())];
        Explanations found = UsualOrder.Play(machines, before, recorded);
        return found.First is null ? OrderSearch.Play(before, recorded) : found;
    }

    /// <summary>What came before an event may have come about otherwise than it was explained.</summary>
    /// <returns>What explains all of it, or null.</returns>
    private Explanations? ExplainByWhatNobodySaw(List<VfioMachine> before, RecordedEvent recorded)
    {
        if (_played.Count > 0 && OrderSearch.OtherMachines(_before, _played[^1]) is { Count: > 0 } others
            && Explain(others, recorded, out _) is { AreExact: true } found)
        {
            return found;
        }

        // Whoever is shown the host has seen one past, and cannot be given another.
        if (_isPastKnown || Begins is not null)
        {
            return null;
        }

        _isPastKnown = true;
        Explanations ofOtherPasts = new();
        foreach (UnknownPast past in UnknownPast.OthersOf(before[0].Host))
        {
            ofOtherPasts.AddRange(Explain(past, recorded));
        }

        return ofOtherPasts.AreExact ? ofOtherPasts : null;
    }

    /// <summary>Explains all that was played, and an event, by another past.</summary>
    /// <returns>What does, or nothing.</returns>
    private Explanations Explain(UnknownPast past, RecordedEvent recorded)
    {
        List<VfioMachine> machines = [Create(FirstUpTo(recorded).Start, past)];
        Explanations found = new();
        foreach (RecordedEvent each in _played.Append(recorded))
        {
            found = Explain(machines, each, out _);
            if (!found.AreExact)
            {
                return new Explanations();
            }

            machines = found.Machines;
        }

        return found;
    }
}
