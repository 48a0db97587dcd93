namespace VfioPm;

/// <summary>
/// The machines that played an event as it was recorded, or else as closely as any did: one of each state that they are in after it.
/// </summary>
internal sealed class Explanations
{
    private readonly HashSet<ulong> _hashes = [];

    /// <summary>The machines after it.</summary>
    public List<VfioMachine> Machines { get; } = [];

    /// <summary>What the first of them played; null where there is none.</summary>
    public PlayedEvent? First { get; private set; }

    /// <summary>Whether there are any, and differ in nothing.</summary>
    public bool AreExact => First is { IsExact: true };

    public void AddRange(Explanations others) => others.Machines.ForEach(machine => Add(machine, others.First!));

    public void Add(VfioMachine machine, PlayedEvent played)
    {
        First ??= played;

        // Most are alone, and need not be told from others.
        if (Machines.Count == 1)
        {
            _hashes.Add(Machines[0].Host.ComputeStateHash());
        }

        if (Machines.Count == 0 || _hashes.Add(machine.Host.ComputeStateHash()))
        {
            Machines.Add(machine);
        }
    }
}
