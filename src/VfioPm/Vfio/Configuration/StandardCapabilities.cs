namespace VfioPm;

/// <summary>
/// The standard capabilities that vfio-pci shows (<c>pci_cap_length</c>, <c>vfio_cap_len()</c>). It hides the
/// rest: slot ID (04h), CompactPCI hot swap (06h) and resource control (0Bh), debug port (0Ah), hot-plug
/// controller (0Ch), bridge subsystem ID (0Dh), AGP 8x (0Eh), secure device (0Fh), enhanced allocation (14h).
/// </summary>
internal static class StandardCapabilities
{
    private const byte PciXId = 0x07;
    private const int PciXVersion2Length = 24;

    /// <summary>Those of a kernel that handles the power management capability so.</summary>
    public static CapabilityCatalog With(CapabilityHandler powerManagement) => new(
        new(CapabilityId.PowerManagement, "Power Management", Fixed(8), powerManagement),
        new(0x02, "AGP", Fixed(12), DirectHandler.ReadOnly),
        new(CapabilityId.VitalProductData, "Vital Product Data", Fixed(8), new VpdHandler()),
        new(CapabilityId.Msi, "MSI", MsiLength, new MsiHandler()),
        new(PciXId, "PCI-X", PciXLength, new TableHandler(PermissionTables.PciX)),
        new(0x08, "HyperTransport", HyperTransportLength, DirectHandler.ReadOnly),
        new(0x09, "Vendor Specific", VendorSpecificLength, DirectHandler.Writable),
        new(CapabilityId.Express, "PCI Express", ExpressLength, new ExpressHandler()),
        new(CapabilityId.MsiX, "MSI-X", Fixed(12), DirectHandler.ReadOnly),
        new(0x12, "SATA", SataLength, DirectHandler.ReadOnly),
        new(CapabilityId.AdvancedFeatures, "Advanced Features", Fixed(6), new AdvancedFeaturesHandler()));

    /// <summary>The permissions of an MSI capability, which its control word settles.</summary>
    public static PermissionTable MsiTable(CapabilityReader function, int start) =>
        MsiTraits(function, start) switch
        {
            (Is64Bit: true, HasMask: true) => PermissionTables.Msi64Masked,
            (Is64Bit: true, HasMask: false) => PermissionTables.Msi64,
            (Is64Bit: false, HasMask: true) => PermissionTables.Msi32Masked,
            _ => PermissionTables.Msi32,
        };

    /// <summary>
    /// Whether a capability can bring extended configuration space with it, which is then looked for.
    /// </summary>
    public static bool AllowsExtendedSpace(CapabilityReader function, byte id, int start) =>
        id == CapabilityId.Express || (id == PciXId && PciXLength(function, start) == PciXVersion2Length);

    private static Func<CapabilityReader, int, int> Fixed(int length) => (_, _) => length;

    private static (bool Is64Bit, bool HasMask) MsiTraits(CapabilityReader function, int start)
    {
        uint control = function.Read(start + MsiRegisters.MessageControl, 2);
        return ((control & MsiRegisters.Address64) != 0, (control & MsiRegisters.Maskable) != 0);
    }

    private static int MsiLength(CapabilityReader function, int start)
    {
        (bool is64Bit, bool hasMask) = MsiTraits(function, start);
        return 10 + (is64Bit ? 4 : 0) + (hasMask ? 10 : 0);
    }

    private static int PciXLength(CapabilityReader function, int start)
    {
        uint version = (function.Read(start + 2, 2) >> 12) & 0x3;
        return version == 0 ? 8 : PciXVersion2Length;
    }

    private static int HyperTransportLength(CapabilityReader function, int start) =>
        (function.Read(start + 3, 1) & 0xE0) != 0 ? 24 : 28;

    private static int VendorSpecificLength(CapabilityReader function, int start) =>
        (int)function.Read(start + 2, 1);

    // Version 1 ends after the link registers, version 2 after the second set; integrated endpoints have no link.
    private static int ExpressLength(CapabilityReader function, int start)
    {
        uint flags = function.Read(start + ExpressRegisters.Flags, 2);
        bool isVersion1 = (flags & 0x000F) == 1;
        bool isIntegratedEndpoint = (ExpressPortType)((flags & 0x00F0) >> 4) == ExpressPortType.IntegratedEndpoint;
        return isIntegratedEndpoint ? (isVersion1 ? 0x0C : 0x2C) : (isVersion1 ? 0x14 : 0x32);
    }

    private static int SataLength(CapabilityReader function, int start) =>
        (function.Read(start + 4, 1) & 0x0F) == 0x0F ? 16 : 8;
}
