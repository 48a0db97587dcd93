namespace VfioPm;

/// <summary>
/// The permission tables of vfio-pci (<c>init_pci_cap_*_perm()</c>). Columns: register, offset, width, virtual
/// bits, writable bits. What has no row is read from the hardware and not writable.
/// </summary>
internal static class PermissionTables
{
    private const uint All = 0xFFFFFFFF;
    private const uint AllWord = 0xFFFF;
    private const uint AllByte = 0xFF;

    // The link is virtual everywhere, so that capabilities can be taken out of the chain.
    private static readonly PermissionRow NextCapability = new("Next Capability", 0x01, 1, AllByte, 0);
    private static readonly PermissionRow ExtendedHeader = new("Extended Capability Header", 0x00, 4, All, 0);

    /// <summary>The header (PCI Local Bus 3.0, section 6.1).</summary>
    public static readonly PermissionTable Header = new(
        new("Vendor ID", 0x00, 2, AllWord, 0),
        new("Device ID", 0x02, 2, AllWord, 0),
        new("Command", 0x04, 2, PciRegisters.CommandInterruptDisable, AllWord),
        new("Status", 0x06, 2, PciRegisters.StatusCapabilityList, 0),
        new("Cache Line Size", 0x0C, 1, 0, AllByte),
        new("Latency Timer", 0x0D, 1, 0, AllByte),
        new("BIST", 0x0F, 1, 0, AllByte),
        new("BAR 0", 0x10, 4, All, All),
        new("BAR 1", 0x14, 4, All, All),
        new("BAR 2", 0x18, 4, All, All),
        new("BAR 3", 0x1C, 4, All, All),
        new("BAR 4", 0x20, 4, All, All),
        new("BAR 5", 0x24, 4, All, All),
        new("Expansion ROM BAR", 0x30, 4, All, All),
        new("Capabilities Pointer", 0x34, 1, AllByte, 0),
        new("Interrupt Line", 0x3C, 1, AllByte, AllByte),
        new("Interrupt Pin", 0x3D, 1, AllByte, 0));

    /// <summary>Power management (PCI PM 1.2, section 3.2): all but the trapped power state goes to hardware.</summary>
    public static readonly PermissionTable PowerManagement = new(
        NextCapability,
        new("PMCSR", 0x04, 4, 0, 0xFFFFFFFC));

    /// <summary>
    /// Power management with PME hidden from the user, who could not handle one: PME_Support, PME_En and
    /// PME_Status read as zero (the RFC's second patch; Linux 5.19).
    /// </summary>
    public static readonly PermissionTable PowerManagementWithoutPme = new(
        NextCapability,
        new("PMC", 0x02, 2, 0xF800, 0, StartsAtZero: true),
        new("PMCSR", 0x04, 4, 0x8100, 0xFFFF7EFC, StartsAtZero: true));

    /// <summary>Vital product data (PCI Local Bus 3.0, appendix I).</summary>
    public static readonly PermissionTable VitalProductData = new(
        NextCapability,
        new("VPD Address", 0x02, 2, AllWord, AllWord),
        new("VPD Data", 0x04, 4, All, All));

    /// <summary>PCI-X (PCI-X 2.0, section 7.2).</summary>
    public static readonly PermissionTable PciX = new(
        NextCapability,
        new("PCI-X Command", 0x02, 2, 0, AllWord),
        new("ECC Control and Status", 0x08, 4, 0, All));

    /// <summary>
    /// PCI Express (PCIe Base, section 7.5.3): Device Control without Phantom Functions, Device Control 2
    /// without ARI forwarding; reset, payload and read request size are virtual.
    /// </summary>
    public static readonly PermissionTable Express = new(
        NextCapability,
        new("Device Control", 0x08, 2, 0xF0E0, 0xFDFF),
        new("Device Control 2", 0x28, 2, 0, 0xFFDF));

    /// <summary>Advanced Features (ECN "Advanced Capabilities for Conventional PCI").</summary>
    public static readonly PermissionTable AdvancedFeatures = new(
        NextCapability,
        new("AF Control", 0x04, 1, 0x01, 0x01));

    /// <summary>MSI with 32-bit addresses (PCI Local Bus 3.0, section 6.8.1).</summary>
    public static readonly PermissionTable Msi32 = new(
        NextCapability,
        new("Message Control", 0x02, 1, AllByte, AllByte),
        new("Message Address", 0x04, 4, All, All),
        new("Message Data", 0x08, 2, AllWord, AllWord));

    /// <summary>MSI with 32-bit addresses and per-vector masking.</summary>
    public static readonly PermissionTable Msi32Masked = new(
    [
        .. Msi32.Rows,
        new("Mask Bits", 0x0C, 4, 0, All),
        new("Pending Bits", 0x10, 4, 0, All),
    ]);

    /// <summary>MSI with 64-bit addresses.</summary>
    public static readonly PermissionTable Msi64 = new(
        NextCapability,
        new("Message Control", 0x02, 1, AllByte, AllByte),
        new("Message Address", 0x04, 4, All, All),
        new("Message Upper Address", 0x08, 4, All, All),
        new("Message Data", 0x0C, 2, AllWord, AllWord));

    /// <summary>MSI with 64-bit addresses and per-vector masking.</summary>
    public static readonly PermissionTable Msi64Masked = new(
    [
        .. Msi64.Rows,
        new("Mask Bits", 0x10, 4, 0, All),
        new("Pending Bits", 0x14, 4, 0, All),
    ]);

    /// <summary>Advanced Error Reporting (PCIe Base, section 7.8.4): the defined error bits.</summary>
    public static readonly PermissionTable AdvancedErrorReporting = new(
        ExtendedHeader,
        new("Uncorrectable Error Status", 0x04, 4, 0, 0x03FFF031),
        new("Uncorrectable Error Mask", 0x08, 4, 0, 0x03FFF031),
        new("Uncorrectable Error Severity", 0x0C, 4, 0, 0x03FFF031),
        new("Correctable Error Status", 0x10, 4, 0, 0x0000F1C1),
        new("Correctable Error Mask", 0x14, 4, 0, 0x0000F1C1),
        new("Advanced Error Capabilities and Control", 0x18, 4, 0, 0x00000140));

    /// <summary>
    /// Power Budgeting (PCIe Base, section 7.8.1). The kernel means the data selector at 04h but opens the
    /// read-only data register at 08h.
    /// </summary>
    public static readonly PermissionTable PowerBudgeting = new(
        ExtendedHeader,
        new("Data", 0x08, 1, 0, AllByte));
}
