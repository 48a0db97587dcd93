namespace VfioPm;

/// <summary>
/// The extended capabilities that vfio-pci shows (<c>pci_ext_cap_length</c>, <c>vfio_ext_cap_len()</c>). It hides
/// the rest, among them those of root complexes, MR-IOV, secondary PCIe, protocol multiplexing, PASID, DPC,
/// L1 PM substates and PTM.
/// </summary>
internal static class ExtendedCapabilities
{
    /// <summary>Those of Linux 6.1 and before.</summary>
    public static readonly CapabilityCatalog Linux6_1 = new(
        new(
            ExtendedCapabilityId.AdvancedErrorReporting,
            "Advanced Error Reporting",
            Fixed(0x2C),
            new TableHandler(PermissionTables.AdvancedErrorReporting)),
        new(0x02, "Virtual Channel", VirtualChannelLength, DirectHandler.ReadOnly),
        new(0x03, "Device Serial Number", Fixed(12), DirectHandler.ReadOnly),
        new(0x04, "Power Budgeting", Fixed(16), new TableHandler(PermissionTables.PowerBudgeting)),
        new(0x08, "Multi-Function Virtual Channel", VirtualChannelLength, DirectHandler.ReadOnly),
        new(0x09, "Virtual Channel (with MFVC)", VirtualChannelLength, DirectHandler.ReadOnly),
        new(0x0B, "Vendor Specific", LengthInHeader, DirectHandler.Writable),
        new(0x0D, "Access Control Services", AccessControlLength, DirectHandler.ReadOnly),
        new(0x0E, "Alternative Routing-ID", Fixed(8), DirectHandler.ReadOnly),
        new(0x0F, "Address Translation Services", Fixed(8), DirectHandler.ReadOnly),
        new(0x10, "SR-IOV", Fixed(0x40), DirectHandler.ReadOnly),
        new(0x12, "Multicast", Fixed(40), DirectHandler.ReadOnly),
        new(0x13, "Page Request Interface", Fixed(16), DirectHandler.ReadOnly),
        new(0x15, "Resizable BAR", ResizableBarLength, DirectHandler.ReadOnly),
        new(0x16, "Dynamic Power Allocation", DynamicPowerLength, DirectHandler.ReadOnly),
        new(0x17, "TPH Requester", ProcessingHintsLength, DirectHandler.ReadOnly),
        new(0x18, "Latency Tolerance Reporting", Fixed(8), DirectHandler.ReadOnly));

    /// <summary>Since Linux 6.4, designated vendor-specific capabilities too.</summary>
    public static readonly CapabilityCatalog Linux6_4 = Linux6_1.With(
        new(0x23, "Designated Vendor Specific", LengthInHeader, DirectHandler.Writable));

    private static Func<CapabilityReader, int, int> Fixed(int length) => (_, _) => length;

    private static int LengthInHeader(CapabilityReader function, int start) =>
        (int)(function.Read(start + 4, 4) >> 20);

    // Port and function arbitration tables are not counted: the user never writes them (vfio_vc_cap_len()).
    private static int VirtualChannelLength(CapabilityReader function, int start)
    {
        uint extendedChannels = function.Read(start + 4, 4) & 0x7;
        uint arbitration = function.Read(start + 8, 4);
        int phases = (arbitration & 0x8) != 0 ? 128 : (arbitration & 0x4) != 0 ? 64 : (arbitration & 0x2) != 0 ? 32 : 0;
        int length = 0x10 + ((1 + (int)extendedChannels) * 0x0C);
        int bitsPerPhase = 4;
        return phases == 0 ? length : RoundUp(length, 16) + (phases * bitsPerPhase / 8);
    }

    private static int AccessControlLength(CapabilityReader function, int start)
    {
        bool hasEgressControl = (function.Read(start + 4, 1) & 0x20) != 0;
        int vectorBits = (int)function.Read(start + 5, 1);
        return !hasEgressControl ? 8 : 8 + ((vectorBits == 0 ? 256 : RoundUp(vectorBits, 32)) / 8);
    }

    private static int ResizableBarLength(CapabilityReader function, int start) =>
        4 + ((int)((function.Read(start + 8, 1) & 0xE0) >> 5) * 8);

    private static int DynamicPowerLength(CapabilityReader function, int start) =>
        16 + (int)(function.Read(start + 4, 1) & 0x1F) + 1;

    private static int ProcessingHintsLength(CapabilityReader function, int start)
    {
        uint capability = function.Read(start + 4, 4);
        bool hasTable = (capability & 0x600) == 0x200;
        return 0x0C + (hasTable ? ((int)((capability >> 16) & 0x7FF) * 2) + 2 : 0);
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
