namespace VfioPm.Cli;

/// <summary>What the capabilities are called (PCI Code and ID Assignment 1.14, chapters 2 and 3).</summary>
internal static class CapabilityNames
{
    private static readonly string[] Standard =
    [
        "Null", "Power Management", "AGP", "Vital Product Data", "Slot Identification", "MSI", "CompactPCI Hot Swap",
        "PCI-X", "HyperTransport", "Vendor Specific", "Debug Port", "CompactPCI Resource Control", "Hot-Plug",
        "Bridge Subsystem ID", "AGP 8x", "Secure Device", "PCI Express", "MSI-X", "SATA", "Advanced Features",
        "Enhanced Allocation", "Flattening Portal Bridge",
    ];

    private static readonly string[] Extended =
    [
        "Null", "Advanced Error Reporting", "Virtual Channel", "Device Serial Number", "Power Budgeting",
        "Root Complex Link Declaration", "Root Complex Internal Link Control",
        "Root Complex Event Collector Endpoint Association", "Multi-Function Virtual Channel", "Virtual Channel (MFVC)",
        "Root Complex Register Block", "Vendor Specific", "Configuration Access Correlation",
        "Access Control Services", "Alternative Routing-ID", "Address Translation Service",
        "Single Root I/O Virtualization", "Multi-Root I/O Virtualization", "Multicast", "Page Request Interface",
        "Reserved for AMD", "Resizable BAR", "Dynamic Power Allocation", "TPH Requester",
        "Latency Tolerance Reporting", "Secondary PCI Express", "Protocol Multiplexing",
        "Process Address Space ID", "LN Requester", "Downstream Port Containment", "L1 PM Substates",
        "Precision Time Measurement", "PCI Express over M-PHY", "FRS Queueing", "Readiness Time Reporting",
        "Designated Vendor-Specific", "VF Resizable BAR", "Data Link Feature", "Physical Layer 16.0 GT/s",
        "Lane Margining at the Receiver", "Hierarchy ID", "Native PCIe Enclosure Management",
        "Physical Layer 32.0 GT/s", "Alternate Protocol", "System Firmware Intermediary", "Shadow Functions",
        "Data Object Exchange", "Device 3", "Integrity and Data Encryption", "Physical Layer 64.0 GT/s",
        "Flit Logging", "Flit Performance Measurement", "Flit Error Injection", "Streamlined Virtual Channel",
        "MMIO Register Block Locator",
    ];

    public static string Of(Capability capability)
    {
        string[] names = capability.IsExtended ? Extended : Standard;
        return capability.Id < names.Length ? names[capability.Id] : $"capability 0x{capability.Id:x}";
    }
}
