using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// The registers of extended capabilities that hardware lets software write, as tables to hold against the
/// specification; sections are those of PCI Express Base 5.0. See <see cref="RegisterRules"/>.
/// </summary>
internal static class ExtendedRegisterRules
{
    /// <summary>Advanced Error Reporting (section 7.8.4).</summary>
    private static readonly RegisterRule[] AdvancedErrorReporting =
    [
        new(0x04, 4, Writable: 0, WriteOneToClear: 0x07ff_f030, Survival: ResetSurvival.Bus), // Uncorrectable Status
        new(0x08, 4, Writable: 0x07ff_f030, Initial: null, Survival: ResetSurvival.Bus), // ... Mask
        new(0x0c, 4, Writable: 0x07ff_f030, Initial: null, Survival: ResetSurvival.Bus), // ... Severity
        new(0x10, 4, Writable: 0, WriteOneToClear: 0x0000_f1c1, Survival: ResetSurvival.Bus), // Correctable Status
        new(0x14, 4, Writable: 0x0000_f1c1, Initial: null, Survival: ResetSurvival.Bus), // ... Mask
    ];

    /// <summary>Advanced Error Reporting of a root port (sections 7.8.4.9 and 7.8.4.10).</summary>
    private static readonly RegisterRule[] RootErrorReporting =
    [
        new(0x2c, 4, Writable: 0x0000_0007),                           // Root Error Command
        new(0x30, 4, Writable: 0, WriteOneToClear: 0x0000_007f, Survival: ResetSurvival.Bus), // Root Error Status
    ];

    /// <summary>Access Control Services (section 7.7.8).</summary>
    private static readonly RegisterRule[] AccessControl = [new(0x06, 2, Writable: 0x007f)];

    /// <summary>Address Translation Services (section 10.5.1): Enable and the smallest unit.</summary>
    private static readonly RegisterRule[] AddressTranslation = [new(0x06, 2, Writable: 0x801f)];

    /// <summary>Page Request Interface (section 10.5.2).</summary>
    private static readonly RegisterRule[] PageRequest =
    [
        new(0x04, 2, Writable: 0x0001),                                // Control: enable
        new(0x0c, 4, Writable: 0xffff_ffff),                           // Outstanding Page Request Allocation
    ];

    /// <summary>Latency Tolerance Reporting (section 7.8.2).</summary>
    private static readonly RegisterRule[] LatencyTolerance = [new(0x04, 4, Writable: 0x1fff_1fff)];

    /// <summary>Process Address Space ID (section 7.8.9).</summary>
    private static readonly RegisterRule[] ProcessAddressSpace = [new(0x06, 2, Writable: 0x0007)];

    /// <summary>Downstream Port Containment (section 7.9.15).</summary>
    private static readonly RegisterRule[] DownstreamPortContainment =
    [
        new(0x06, 2, Writable: 0x00bf),                                // Control
        new(0x08, 2, Writable: 0, WriteOneToClear: 0x0009, Survival: ResetSurvival.Bus), // Status
    ];

    /// <summary>L1 PM Substates (section 7.8.3), which govern the link.</summary>
    private static readonly RegisterRule[] L1Substates =
    [
        new(0x08, 4, Writable: 0xe3ff_ff0f, Survival: ResetSurvival.FunctionLevel), // Control 1
        new(0x0c, 4, Writable: 0x0000_00fb, Survival: ResetSurvival.FunctionLevel), // Control 2
    ];

    /// <summary>Precision Time Measurement (section 7.9.16).</summary>
    private static readonly RegisterRule[] PrecisionTime = [new(0x08, 4, Writable: 0x0000_ff03)];

    /// <summary>SR-IOV (section 9.3.3); the virtual functions' BARs follow from their sizes.</summary>
    private static readonly RegisterRule[] Sriov =
    [
        new(SriovRegisters.NumVfs, 2, Writable: 0xffff),
        new(SriovRegisters.SystemPageSize, 4, Writable: 0xffff_ffff, Initial: 0x0000_0001),
    ];

    /// <summary>The rows for the capability at an offset of a function's space.</summary>
    public static IReadOnlyList<RegisterRule> Of(
        Capability capability, byte[] space, ExpressPortType? port, HardwareBehavior behavior) => capability.Id switch
        {
            ExtendedCapabilityId.AdvancedErrorReporting =>
                [.. AdvancedErrorReporting, ErrorControl(space, capability.Offset), .. RootRows(port)],
            ExtendedCapabilityId.VirtualChannel
                or ExtendedCapabilityId.MultiFunctionVirtualChannel
                or ExtendedCapabilityId.VirtualChannelWithMultiFunction => VirtualChannels(space, capability.Offset),
            ExtendedCapabilityId.AccessControl => AccessControl,
            ExtendedCapabilityId.AddressTranslation => AddressTranslation,
            ExtendedCapabilityId.PageRequest => PageRequest,
            ExtendedCapabilityId.ResizableBar => ResizableBarControls(space, capability.Offset),
            ExtendedCapabilityId.Sriov => [.. Sriov, SriovControl(behavior)],
            ExtendedCapabilityId.LatencyTolerance => LatencyTolerance,
            ExtendedCapabilityId.ProcessAddressSpace => ProcessAddressSpace,
            ExtendedCapabilityId.DownstreamPortContainment => DownstreamPortContainment,
            ExtendedCapabilityId.L1Substates => L1Substates,
            ExtendedCapabilityId.PrecisionTime => PrecisionTime,
            _ => [],
        };

    /// <summary>SR-IOV Control: VF Enable, VF MSE, ARI Capable Hierarchy.</summary>
    private static RegisterRule SriovControl(HardwareBehavior behavior) => new(
        SriovRegisters.Control,
        2,
        Writable: 0x0019,
        Survival: behavior.KeepsSriovOverResets ? ResetSurvival.PowerLoss : ResetSurvival.None);

    private static RegisterRule[] RootRows(ExpressPortType? port) =>
        port is ExpressPortType.RootPort or ExpressPortType.EventCollector ? RootErrorReporting : [];

    /// <summary>
    /// Advanced Error Capabilities and Control (section 7.8.4.7): what the bit below says it can, can be enabled.
    /// </summary>
    private static RegisterRule ErrorControl(byte[] space, int capability)
    {
        uint can = ReadDword(space, capability + 0x18) & 0x02a0;
        return new(0x18, 4, Writable: can << 1, Survival: ResetSurvival.Bus);
    }

    /// <summary>
    /// Virtual channels (sections 7.9.1 and 7.9.2), without their arbitration tables. VC0 is always on, always has TC0, and
    /// its number is 0.
    /// </summary>
    private static List<RegisterRule> VirtualChannels(byte[] space, int capability)
    {
        List<RegisterRule> rules =
        [
            new(0x0c, 2, Writable: 0x000e, Survival: ResetSurvival.FunctionLevel), // Port VC Control
            new(0x14, 4, Writable: 0x000e_00fe, Initial: null, Survival: ResetSurvival.FunctionLevel), // VC0
        ];
        uint others = ReadDword(space, capability + 0x04) & 0x7;
        for (int channel = 1; channel <= others; channel++)
        {
            rules.Add(new(0x14 + (0x0c * channel), 4, Writable: 0x870e_00fe, Survival: ResetSurvival.FunctionLevel));
        }

        return rules;
    }

    /// <summary>
    /// Resizable BARs (section 7.8.6): the size field, which the BAR follows (<see cref="ResizableBars"/>). After a reset it is the
    /// device's, whatever was found in it.
    /// </summary>
    private static List<RegisterRule> ResizableBarControls(byte[] space, int capability)
    {
        List<RegisterRule> rules = [];
        uint count = (ReadDword(space, capability + 0x08) >> 5) & 0x7;
        ResizableBars? bars = ResizableBars.Find(space, CapabilityList.Walk(space));
        for (int bar = 0; bar < count; bar++)
        {
            int control = 0x08 + (8 * bar);
            rules.Add(new(control, 4, ResizableBars.SizeMask, Initial: bars?.DefaultFieldAt(capability + control)));
        }

        return rules;
    }

    private static uint ReadDword(byte[] space, int offset) =>
        offset + 4 <= space.Length ? BinaryPrimitives.ReadUInt32LittleEndian(space.AsSpan(offset)) : 0;
}
