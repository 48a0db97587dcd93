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

    /// <summary>PCI-X.</summary>
    public const int PciX = 0x07;

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

    /// <summary>Virtual Channel.</summary>
    public const int VirtualChannel = 0x0002;

    /// <summary>Device Serial Number.</summary>
    public const int SerialNumber = 0x0003;

    /// <summary>Multi-Function Virtual Channel.</summary>
    public const int MultiFunctionVirtualChannel = 0x0008;

    /// <summary>Virtual Channel of a function of a device that has the multi-function one.</summary>
    public const int VirtualChannelWithMultiFunction = 0x0009;

    /// <summary>Vendor-specific.</summary>
    public const int VendorSpecific = 0x000b;

    /// <summary>Access Control Services.</summary>
    public const int AccessControl = 0x000d;

    /// <summary>Address Translation Services.</summary>
    public const int AddressTranslation = 0x000f;

    /// <summary>Page Request Interface.</summary>
    public const int PageRequest = 0x0013;

    /// <summary>Resizable BAR.</summary>
    public const int ResizableBar = 0x0015;

    /// <summary>Latency Tolerance Reporting.</summary>
    public const int LatencyTolerance = 0x0018;

    /// <summary>Process Address Space ID.</summary>
    public const int ProcessAddressSpace = 0x001b;

    /// <summary>Downstream Port Containment.</summary>
    public const int DownstreamPortContainment = 0x001d;

    /// <summary>L1 PM Substates.</summary>
    public const int L1Substates = 0x001e;

    /// <summary>Designated Vendor-Specific.</summary>
    public const int DesignatedVendorSpecific = 0x0023;

    /// <summary>Precision Time Measurement.</summary>
    public const int PrecisionTime = 0x001f;

    /// <summary>Alternative Routing-ID Interpretation.</summary>
    public const int AlternativeRoutingId = 0x000e;

    /// <summary>Single Root I/O Virtualization.</summary>
    public const int Sriov = 0x0010;
}
