namespace VfioPm;

/// <summary>Identifiers of standard capabilities (PCI Code and ID Assignment, chapter 2).</summary>
public static class CapabilityId
{
    /// <summary>Power Management.</summary>
    public const int PowerManagement = 0x01;

    /// <summary>Vital Product Data.</summary>
    public const int VitalProductData = 0x03;

    /// <summary>Message Signalled Interrupts.</summary>
    public const int Msi = 0x05;

    /// <summary>PCI Express.</summary>
    public const int Express = 0x10;

    /// <summary>MSI-X.</summary>
    public const int MsiX = 0x11;

    /// <summary>Conventional PCI Advanced Features.</summary>
    public const int AdvancedFeatures = 0x13;
}

/// <summary>Identifiers of extended capabilities (PCI Code and ID Assignment, chapter 3).</summary>
public static class ExtendedCapabilityId
{
    /// <summary>Advanced Error Reporting.</summary>
    public const int AdvancedErrorReporting = 0x0001;

    /// <summary>Alternative Routing-ID Interpretation.</summary>
    public const int AlternativeRoutingId = 0x000e;

    /// <summary>Single Root I/O Virtualization.</summary>
    public const int Sriov = 0x0010;
}
