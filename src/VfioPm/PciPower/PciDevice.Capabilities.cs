namespace VfioPm;

// What the kernel read from the capabilities when it enumerated the function.
public sealed partial class PciDevice
{
    /// <summary>Whether this is a root, upstream or downstream port of PCI Express (<c>pci_pcie_type()</c>).</summary>
    internal bool IsExpressPort => IsBridge && ExpressOffset is not null;

    /// <summary>Whether cards come and go below this port (<c>set_pcie_hotplug_bridge()</c>).</summary>
    internal bool IsHotplugBridge => IsExpressPort
        && (ReadConfig(ExpressOffset!.Value + ExpressRegisters.SlotCapabilities, 4)
            & ExpressRegisters.SlotCapabilitiesHotplug) != 0;

    internal int? ExpressOffset => Hardware.Capabilities.Find(CapabilityId.Express)?.Offset;

    /// <summary>
    /// Whether the port can go faster than 5 GT/s (<c>pcie_get_speed_cap()</c>): its link has to be up before the wait
    /// for what is below begins (PCI Express Base, section 6.6.1).
    /// </summary>
    internal bool WaitsForLink => IsExpressPort
        && (LinkCapabilities & ExpressRegisters.LinkCapabilitiesSpeed) > ExpressRegisters.LinkSpeed5;

    /// <summary>Whether the port says if its link is up (<c>link_active_reporting</c>).</summary>
    internal bool ReportsLink => (LinkCapabilities & ExpressRegisters.LinkCapabilitiesReportsActive) != 0;

    /// <summary>What Link Status says of the link.</summary>
    internal bool ReadsLinkActive => (ReadConfig(ExpressOffset!.Value + ExpressRegisters.LinkStatus, 2)
        & ExpressRegisters.LinkStatusActive) != 0;

    internal int? AdvancedFeaturesOffset => Hardware.Capabilities.Find(CapabilityId.AdvancedFeatures)?.Offset;

    /// <summary><c>pcie_reset_flr()</c>'s probe.</summary>
    internal bool HasFunctionLevelReset => ExpressOffset is { } offset
        && (ReadConfig(offset + ExpressRegisters.DeviceCapabilities, 4) & ExpressRegisters.DeviceCapabilitiesFlr) != 0;

    /// <summary><c>pci_af_flr()</c>'s probe.</summary>
    internal bool HasAdvancedFeaturesReset => AdvancedFeaturesOffset is { } offset
        && (ReadConfig(offset + AdvancedFeaturesRegisters.Capabilities, 1)
            & AdvancedFeaturesRegisters.CapabilitiesFlr) != 0;

    private uint LinkCapabilities =>
        ReadConfig(ExpressOffset!.Value + ExpressRegisters.LinkCapabilities, 4);
}
