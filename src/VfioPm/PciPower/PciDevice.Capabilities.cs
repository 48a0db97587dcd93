namespace VfioPm;

// What the kernel read from the capabilities when it enumerated the function.
public sealed partial class PciDevice
{
    /// <summary>Whether this is a root, upstream or downstream port of PCI Express (<c>pci_pcie_type()</c>).</summary>
    internal bool IsExpressPort => IsBridge && ExpressOffset is not null;

    internal int? ExpressOffset => Hardware.Capabilities.Find(CapabilityId.Express)?.Offset;

    internal int? AdvancedFeaturesOffset => Hardware.Capabilities.Find(CapabilityId.AdvancedFeatures)?.Offset;

    /// <summary><c>pcie_reset_flr()</c>'s probe.</summary>
    internal bool HasFunctionLevelReset => ExpressOffset is { } offset
        && (ReadConfig(offset + ExpressRegisters.DeviceCapabilities, 4) & ExpressRegisters.DeviceCapabilitiesFlr) != 0;

    /// <summary><c>pci_af_flr()</c>'s probe.</summary>
    internal bool HasAdvancedFeaturesReset => AdvancedFeaturesOffset is { } offset
        && (ReadConfig(offset + AdvancedFeaturesRegisters.Capabilities, 1)
            & AdvancedFeaturesRegisters.CapabilitiesFlr) != 0;
}
