namespace VfioPm;

/// <summary>What a function signals to the machine.</summary>
internal enum SignalKind
{
    /// <summary>Its interrupt pin has another level (PCI Express: Assert_INTx, Deassert_INTx).</summary>
    Pin,

    /// <summary>An interrupt by a message.</summary>
    Message,

    /// <summary>A PME, to the root port (PM_PME).</summary>
    Pme,

    /// <summary>A PME where no message gets through, to the firmware (WAKE#).</summary>
    Wake,

    /// <summary>A root port's interrupt for PMEs.</summary>
    RootPme,

    /// <summary>A port's interrupt for its slot.</summary>
    SlotEvent,
}

/// <summary>One signal on its way.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Address">Where a message goes to.</param>
/// <param name="Data">What it says.</param>
internal readonly record struct Signal(SignalKind Kind, ulong Address = 0, uint Data = 0)
{
    public static implicit operator Signal(SignalKind kind) => new(kind);

    public void AddTo(ref StateHash hash)
    {
        hash.Add((int)Kind);
        hash.Add((long)Address);
        hash.Add(Data);
    }
}
