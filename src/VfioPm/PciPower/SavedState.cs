namespace VfioPm;

/// <summary>
/// The copy of a function's configuration that a kernel keeps while it may be lost (<c>saved_config_space</c>,
/// <c>saved_cap_space</c>), and what was assigned to it.
/// </summary>
internal sealed class SavedState
{
    private readonly SnapshotPlan _plan;
    private readonly bool _isUsedUp;

    /// <param name="layout">The function's.</param>
    /// <param name="layoutOfPort">That of the port above, if there is one.</param>
    public SavedState(SavedLayout layout, SavedLayout? layoutOfPort)
    {
        Settings = new RestoredSettings(layout);
        _isUsedUp = layout.Rules.RestoringUsesUp;
        _plan = SavedRegisters.Of(layout);
        Copy = new ConfigurationSnapshot(_plan);
        CopyOfPort = SavedRegisters.OfPortAbove(layout, layoutOfPort) is { } plan ? new ConfigurationSnapshot(plan) : null;
        Span<uint> bars = stackalloc uint[layout.BarCount];
        for (int bar = 0; bar < bars.Length; bar++)
        {
            bars[bar] = layout.Configuration.Read(PciRegisters.BaseAddress0 + (4 * bar), 4);
        }

        Bars = layout.Configuration.Layout.Common.For<uint>(bars);

        if (layout.Rules.SavesWhatIsFound)
        {
            Copy.Take(layout.Configuration);
            CopyOfPort?.Take(layoutOfPort!.Configuration);
            IsSaved = true;
        }
    }

    /// <summary>A copy for a fork.</summary>
    public SavedState(SavedState original, ForkContext fork)
    {
        IsSaved = original.IsSaved;
        Settings = original.Settings;
        _isUsedUp = original._isUsedUp;
        Bars = original.Bars;
        _plan = original._plan;
        Copy = fork.Of(original.Copy);
        CopyOfPort = fork.OfNullable(original.CopyOfPort);
    }

    /// <summary>Whether there is a copy that was not restored yet (<c>state_saved</c>).</summary>
    public bool IsSaved { get; set; }

    /// <summary>Whether what was saved last, or nothing yet, is written back where a function is restored.</summary>
    public bool IsRestorable => IsSaved || !_isUsedUp;

    /// <summary>What is restored without having been saved.</summary>
    public RestoredSettings Settings { get; }

    /// <summary>What the function's registers held.</summary>
    public ConfigurationSnapshot Copy { get; }

    /// <summary>What those of the port above held that belong to the function's link, if there are any.</summary>
    public ConfigurationSnapshot? CopyOfPort { get; }

    /// <summary>The BARs that the kernel assigned, which need not be those that were saved last.</summary>
    public uint[] Bars { get; }

    /// <summary>Room for a copy that a driver keeps for itself.</summary>
    public StoredState NewStored() => new(_plan);

    /// <summary>Gives the copy, if there is one, to a driver that keeps it for itself (<c>pci_store_saved_state()</c>).</summary>
    public void Store(StoredState target) => target.Take(IsSaved ? Copy : null);

    /// <summary>
    /// Takes a driver's copy for the next restore, if it has one; it has not afterwards
    /// (<c>pci_load_and_free_saved_state()</c>).
    /// </summary>
    public void LoadOrForget(StoredState source) => IsSaved = source.GiveTo(Copy);

    /// <summary>The firmware's numbers of the buses around a bridge are in what was saved of it.</summary>
    public void RememberBuses(byte primary, byte secondary, byte subordinate)
    {
        if (IsSaved)
        {
            ref uint register = ref Copy.ChangeHeader()[PciRegisters.PrimaryBus / 4];
            register = (register & 0xff00_0000) | ((uint)subordinate << 16) | ((uint)secondary << 8) | primary;
        }
    }

    /// <summary>Of what was saved of a bridge, the bus below and the last behind it; null where nothing is.</summary>
    public (byte Secondary, byte Subordinate)? RememberedBuses
    {
        get
        {
            uint register = Copy.Header[PciRegisters.PrimaryBus / 4];
            return IsSaved ? ((byte)(register >> 8), (byte)(register >> 16)) : null;
        }
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(IsSaved);
        if (IsRestorable)
        {
            Copy.AddTo(ref hash);
            CopyOfPort?.AddTo(ref hash);
        }
    }
}
