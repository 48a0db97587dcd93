namespace VfioPm;

/// <summary>
/// What quirks made of a function for the kernel (<c>dev_flags</c> and their like in <c>struct pci_dev</c>): the table's effects,
/// put together when the function is found.
/// </summary>
internal sealed record FunctionQuirks : IUnchanging
{
    /// <summary>It is never put to D3 (<c>PCI_DEV_FLAGS_NO_D3</c>).</summary>
    public bool HasNoD3 { get; init; }

    /// <summary>D1 and D2 are neither for it nor for what is below it (<c>no_d1d2</c>).</summary>
    public bool HasNoD1D2 { get; init; }

    /// <summary>It needs no time to leave D3hot.</summary>
    public bool NeedsNoD3HotDelay { get; init; }

    /// <summary>The least time that it gets to leave D3hot (<c>d3hot_delay</c>).</summary>
    public TimeSpan LeastD3HotDelay { get; init; }

    /// <summary>The least that everybody in the machine gets (<c>pci_pm_d3hot_delay</c>).</summary>
    public TimeSpan LeastD3HotDelayOfAll { get; init; }

    /// <summary>The time that it gets after power-on, where it is not the usual one (<c>d3cold_delay</c>).</summary>
    public TimeSpan? D3ColdDelay { get; init; }

    /// <summary>The bits of PMC that its PME# cannot be believed in (<c>pme_support</c>).</summary>
    public uint UnreliablePme { get; init; }

    /// <summary>It is not reset alone (<c>PCI_DEV_FLAGS_NO_FLR_RESET</c>).</summary>
    public bool HasNoFlr { get; init; }

    /// <summary>It is not reset through D3hot (<c>PCI_DEV_FLAGS_NO_PM_RESET</c>), but on a root bus.</summary>
    public bool HasNoPmReset { get; init; }

    /// <summary>Its bus is not reset (<c>PCI_DEV_FLAGS_NO_BUS_RESET</c>).</summary>
    public bool HasNoBusReset { get; init; }

    /// <summary>It is not ready at once, whatever it says (<c>imm_ready</c>).</summary>
    public bool IsNotReadyAtOnce { get; init; }

    /// <summary>It gets no message interrupts (<c>no_msi</c>).</summary>
    public bool HasNoMsi { get; init; }

    /// <summary>Nor do those below it (<c>PCI_BUS_FLAGS_NO_MSI</c>).</summary>
    public bool PassesNoMessagesOn { get; init; }

    /// <summary>Nor does anybody in the machine (<c>pci_no_msi()</c>).</summary>
    public bool ForbidsMessages { get; init; }

    /// <summary>It is not suspended beside others when the machine goes to sleep (<c>device_disable_async_suspend()</c>).</summary>
    public bool SuspendsInOrder { get; init; }

    /// <summary>As a port it is not asked to tell of its link's speed (<c>no_bw_notif</c>).</summary>
    public bool HasNoBandwidthNotification { get; init; }

    /// <summary>With INTx disabled it sends no messages either (<c>PCI_DEV_FLAGS_MSI_INTX_DISABLE_BUG</c>).</summary>
    public bool NeedsIntxForMsi { get; init; }

    /// <summary>INTx cannot be masked at it (<c>broken_intx_masking</c>).</summary>
    public bool HasBrokenIntxMasking { get; init; }

    /// <summary>
    /// Its number, where it is a part of a graphics card that needs the card's function 0 in D0; else 0
    /// (<c>pci_create_device_link()</c>).
    /// </summary>
    public int PartOfGraphics { get; init; }

    /// <summary>How long the kernel takes it to need after D3hot, where it would be this by itself.</summary>
    public TimeSpan D3HotDelay(TimeSpan usual) =>
        NeedsNoD3HotDelay ? TimeSpan.Zero
        : usual > LeastD3HotDelay ? usual
        : LeastD3HotDelay;
}
