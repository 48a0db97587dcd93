namespace VfioPm;

/// <summary>
/// What the kernel read from a function's PCI Express capability when it found it. None of that ever changes, and ports
/// read as all ones when they sleep.
/// </summary>
internal sealed class PciExpress
{
    private readonly PciFunction _hardware;
    private readonly bool _forwardsAri;

    private PciExpress(PciFunction hardware, int offset, PciExpress? above)
    {
        uint Known(int register) => hardware.Configuration.Read(offset + register, 4);

        _hardware = hardware;
        Offset = offset;
        IsPort = hardware.IsBridge;
        HasFunctionLevelReset =
            (Known(ExpressRegisters.DeviceCapabilities) & ExpressRegisters.DeviceCapabilitiesFlr) != 0;
        IsHotplugBridge =
            IsPort && (Known(ExpressRegisters.SlotCapabilities) & ExpressRegisters.SlotCapabilitiesHotplug) != 0;

        uint link = Known(ExpressRegisters.LinkCapabilities);
        WaitsForLink =
            IsPort && (link & ExpressRegisters.LinkCapabilitiesSpeed) > ExpressRegisters.LinkSpeed5;
        ReportsLink = (link & ExpressRegisters.LinkCapabilitiesReportsActive) != 0;

        _forwardsAri = (Known(ExpressRegisters.DeviceCapabilities2) & ExpressRegisters.DeviceCapabilities2Ari) != 0;
        IsAriEnabled = hardware.Address is { Device: 0, Function: 0 }
            && hardware.Capabilities.FindExtended(ExtendedCapabilityId.AlternativeRoutingId) is not null
            && above is { _forwardsAri: true };
    }

    public PciExpress(PciExpress original, PciFunction hardware)
    {
        _hardware = hardware;
        _forwardsAri = original._forwardsAri;
        Offset = original.Offset;
        IsPort = original.IsPort;
        HasFunctionLevelReset = original.HasFunctionLevelReset;
        IsHotplugBridge = original.IsHotplugBridge;
        WaitsForLink = original.WaitsForLink;
        ReportsLink = original.ReportsLink;
        IsAriEnabled = original.IsAriEnabled;
    }

    /// <summary>Where the capability begins (<c>pcie_cap</c>).</summary>
    public int Offset { get; }

    /// <summary>Whether this is a root, upstream or downstream port (<c>pci_pcie_type()</c>).</summary>
    public bool IsPort { get; }

    /// <summary>Whether the function can be reset alone (<c>pcie_reset_flr()</c>'s probe).</summary>
    public bool HasFunctionLevelReset { get; }

    /// <summary>Whether cards come and go below this port (<c>set_pcie_hotplug_bridge()</c>).</summary>
    public bool IsHotplugBridge { get; }

    /// <summary>
    /// Whether the port can go faster than 5 GT/s (<c>pcie_get_speed_cap()</c>): its link has to be up before the wait
    /// for what is below begins (PCI Express Base, section 6.6.1).
    /// </summary>
    public bool WaitsForLink { get; }

    /// <summary>Whether the port says if its link is up (<c>link_active_reporting</c>).</summary>
    public bool ReportsLink { get; }

    /// <summary>
    /// Whether the functions of this device may have numbers above 7 (<c>pci_ari_enabled()</c>): the port above passes
    /// them on, and function 0 knows of them.
    /// </summary>
    public bool IsAriEnabled { get; }

    /// <summary>The capability of a function, or null for one that is not of PCI Express.</summary>
    /// <param name="hardware">The function.</param>
    /// <param name="above">That of the port above.</param>
    public static PciExpress? Find(PciFunction hardware, PciExpress? above) =>
        hardware.Capabilities.Find(CapabilityId.Express) is { Offset: int offset }
            ? new PciExpress(hardware, offset, above)
            : null;

    /// <summary>What Link Status says of the link now.</summary>
    public bool ReadLinkActive() =>
        (_hardware.ReadCycle(Offset + ExpressRegisters.LinkStatus, 2) & ExpressRegisters.LinkStatusActive) != 0;
}
