namespace VfioPm;

/// <summary>
/// Which registers of a function the kernel saves and restores (<c>pci_save_state()</c>, <c>pci_restore_state()</c>): those
/// of capabilities, found from tables in the order of restoring, and in the middle of them the header. What is not among them
/// is lost with the power; interrupts are in <see cref="MessageInterrupts"/>, and what is restored without having been saved
/// in <see cref="RestoredSettings"/>.
/// </summary>
internal static class SavedRegisters
{
    private const uint ChannelEnable = 0x8000_0000;

    // The second range of pci_restore_config_space().
    private static readonly Range Bars = (PciRegisters.BaseAddress0 / 4)..((PciRegisters.BaseAddress0 / 4) + 6);

    /// <summary>
    /// <c>pci_save_ltr_state()</c>: latencies, before LTR is enabled; <c>pci_save_pcie_state()</c>: Device, Link, Slot and Root
    /// Control, and the second Device and Link Control, where they are (<c>pcie_capability_reg_implemented()</c>).
    /// </summary>
    private static readonly Row[] LinkRows =
    [
        Extended(ExtendedCapabilityId.LatencyTolerance, 0x04, 4),
        Standard(CapabilityId.Express, 0x08, 2),
        Standard(CapabilityId.Express, 0x10, 2, static of => of.Express is { HasLinkControl: true }),
        Standard(CapabilityId.Express, 0x18, 2, static of => of.Express is { HasSlotControl: true }),
        Standard(CapabilityId.Express, 0x1c, 2, static of => of.Express is { HasRootControl: true }),
        Standard(CapabilityId.Express, 0x28, 2, static of => of.Express is { HasSecondRegisters: true }),
        Standard(
            CapabilityId.Express,
            0x30,
            2,
            static of => of.Express is { HasSecondRegisters: true } express
                && (express.HasLinkControl || of.Rules.SavesLinkControl2WithoutLink)),
    ];

    /// <summary><c>pci_save_aspm_l1ss_state()</c>: Control 2, and Control 1, which enables.</summary>
    private static readonly Row[] SubstateRows =
    [
        Extended(ExtendedCapabilityId.L1Substates, 0x0c, 4),
        Extended(ExtendedCapabilityId.L1Substates, 0x08, 4),
    ];

    /// <summary><c>pci_vc_do_save_buffer()</c>, but for arbitration tables, which the silicon does not have.</summary>
    private static readonly int[] ChannelIds =
    [
        ExtendedCapabilityId.MultiFunctionVirtualChannel,
        ExtendedCapabilityId.VirtualChannel,
        ExtendedCapabilityId.VirtualChannelWithMultiFunction,
    ];

    /// <summary>
    /// <c>pci_save_dpc_state()</c>: of ports, since their driver keeps it; <c>pci_save_ptm_state()</c>;
    /// <c>pci_save_aer_state()</c>: masks, severity, ECRC, and of a root port whom it tells. Errors of before are no errors any more:
    /// what is cleared by ones is cleared by what it holds (<c>pci_aer_clear_status()</c>).
    /// </summary>
    private static readonly Row[] ErrorAndTimeRows =
    [
        Extended(ExtendedCapabilityId.DownstreamPortContainment, 0x06, 2, static of => of.IsDownstreamPort),
        Extended(ExtendedCapabilityId.PrecisionTime, 0x08, 4, static of => of.Rules.SavesPrecisionTime),
        WrittenBack(ExtendedCapabilityId.AdvancedErrorReporting, 0x30, static of => of.Express is { HasRootControl: true }),
        WrittenBack(ExtendedCapabilityId.AdvancedErrorReporting, 0x10),
        WrittenBack(ExtendedCapabilityId.AdvancedErrorReporting, 0x04),
        Extended(ExtendedCapabilityId.AdvancedErrorReporting, 0x08, 4),
        Extended(ExtendedCapabilityId.AdvancedErrorReporting, 0x0c, 4),
        Extended(ExtendedCapabilityId.AdvancedErrorReporting, 0x14, 4),
        Extended(ExtendedCapabilityId.AdvancedErrorReporting, 0x18, 4),
        Extended(ExtendedCapabilityId.AdvancedErrorReporting, 0x2c, 4, static of => of.Express is { HasRootControl: true }),
    ];

    /// <summary><c>pci_save_pcix_state()</c>: Command.</summary>
    private static readonly Row[] ConventionalRows = [Standard(CapabilityId.PciX, 0x02, 2)];

    /// <summary>Those that a function has.</summary>
    public static SnapshotPlan Of(SavedLayout function)
    {
        SavedRegister[] beforeHeader =
        [
            .. function.EndsLinkWithSubstates ? Of(function, SubstateRows) : [],
            .. Of(function, LinkRows),
            .. ChannelsOf(function),
            .. Of(function, ErrorAndTimeRows),
        ];
        return new SnapshotPlan(
            function.Configuration.Layout.Common.For<SavedRegister>([.. beforeHeader, .. Of(function, ConventionalRows)]),
            beforeHeader.Length,
            PciRegisters.HeaderSize / 4,
            function.Configuration.IsBridge || !function.Rules.RetriesBars ? default : Bars);
    }

    /// <summary>
    /// Those of the port above that are saved and restored with the function, for both ends of the link must agree; null for none.
    /// </summary>
    public static SnapshotPlan? OfPortAbove(SavedLayout function, SavedLayout? port)
    {
        SavedRegister[] registers = port is not null && function.EndsLinkWithSubstates ? [.. Of(port, SubstateRows)] : [];
        return registers.Length == 0 ? null : new SnapshotPlan(registers, registers.Length, HeaderDwords: 0, Checked: default);
    }

    private static IEnumerable<SavedRegister> Of(SavedLayout function, Row[] rows)
    {
        foreach (Row row in rows)
        {
            if (row.FindIn(function.Capabilities) is { } start && row.Applies(function))
            {
                yield return new SavedRegister(start + row.Offset, row.Width, row.Kept);
            }
        }
    }

    private static IEnumerable<SavedRegister> ChannelsOf(SavedLayout function)
    {
        foreach (int id in ChannelIds)
        {
            if (function.Capabilities.FindExtended(id) is not { Offset: int start })
            {
                continue;
            }

            yield return new SavedRegister(start + 0x0c, 2);

            // Channels are switched on from the port above the link; the other end is left as it is.
            uint kept = function.IsDownstreamPort ? 0 : ChannelEnable;
            uint others = function.Configuration.Ask(start + 0x04, 4) & 0x7;
            for (int channel = 0; channel <= others; channel++)
            {
                yield return new SavedRegister(start + 0x14 + (0x0c * channel), 4, kept);
            }
        }
    }

    private static Row Standard(int id, int offset, int width, Func<SavedLayout, bool>? applies = null) =>
        new(id, IsExtended: false, offset, width, Kept: 0, applies ?? (static _ => true));

    private static Row Extended(int id, int offset, int width, Func<SavedLayout, bool>? applies = null) =>
        new(id, IsExtended: true, offset, width, Kept: 0, applies ?? (static _ => true));

    private static Row WrittenBack(int id, int offset, Func<SavedLayout, bool>? applies = null) =>
        new(id, IsExtended: true, offset, Width: 4, uint.MaxValue, applies ?? (static _ => true));

    /// <summary>A register at an offset of a capability, and who has it.</summary>
    private sealed record Row(int Id, bool IsExtended, int Offset, int Width, uint Kept, Func<SavedLayout, bool> Applies)
    {
        public int? FindIn(CapabilityList capabilities) =>
            (IsExtended ? capabilities.FindExtended(Id) : capabilities.Find(Id))?.Offset;
    }
}
