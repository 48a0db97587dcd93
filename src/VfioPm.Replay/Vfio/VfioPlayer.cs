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

    public ReplayedEvent Play(JsonObject json)
    {
        RecordedEvent recorded = new(json, _header);
        _begin ??= recorded.Start;
        if (recorded.End - _begin > InputLimits.Duration)
        {
            throw new RecordingException($"a recording is of at most {InputLimits.Duration.TotalHours} hours");
        }

        if (_machines.Count == 0)
        {
            _machines.Add(Create(recorded.Start));
        }

        _machines.ForEach(machine => BootTicks.Learn(machine, recorded));

        // A machine is used up by playing it. Nearly every event is what comes of the usual order, so nothing else is tried before that.
        List<VfioMachine> before = [.. _machines.Select(static machine => machine.Fork())];
        Explanations found = UsualOrder.Play(_machines, before, recorded);
        if (found.First is null)
        {
            found = OrderSearch.Play(before, recorded);
        }

        _machines = found.Machines;
        return new ReplayedEvent(json, found.First!);
    }

    public void KeepReasons() => _keepsReasons = true;

    public Picture Draw(string title) => _machines[0].Draw(title);

    private VfioMachine Create(TimeSpan start)
    {
        VfioMachine machine = new(_header, start);
        if (_keepsReasons)
        {
            machine.KeepReasons();
        }
        else
        {
            // Whoever is shown the host may look into its trace.
            machine.Host.Trace.IsEnabled = Begins is not null;
        }

        Begins?.Invoke(machine.Host);
        return machine;
    }
}
