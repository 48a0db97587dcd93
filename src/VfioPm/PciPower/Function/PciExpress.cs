using System.Numerics;

namespace VfioPm;

/// <summary>
/// What the kernel read from a function's PCI Express capability when it found it. None of that ever changes, and ports
/// read as all ones when they sleep.
/// </summary>
internal sealed class PciExpress : IUnchanging
{
    // 2.5 to 64 GT/s (PCIE_LNKCAP2_SLS2SPEED()).
    private const uint KnownSpeeds = 0x7e;

    // Link Capabilities 2.
    private readonly uint _vector;

    private PciExpress(ConfigurationSpace found, int offset)
    {
        uint Known(int register) => found.Ask(offset + register, 4);

        Offset = offset;
        uint flags = found.Ask(offset + ExpressRegisters.Flags, 2);
        Type = ExpressRegisters.TypeOf((int)flags);
        IsPort = found.IsBridge
            && Type is ExpressPortType.RootPort or ExpressPortType.UpstreamPort or ExpressPortType.DownstreamPort;
        HasSlotControl = IsDownstreamPort && (flags & ExpressRegisters.FlagsSlot) != 0;
        HasSecondRegisters = (flags & ExpressRegisters.FlagsVersion) > 1;
        HasFunctionLevelReset =
            (Known(ExpressRegisters.DeviceCapabilities) & ExpressRegisters.DeviceCapabilitiesFlr) != 0;
        IsHotplugBridge =
            HasSlotControl && (Known(ExpressRegisters.SlotCapabilities) & ExpressRegisters.SlotCapabilitiesHotplug) != 0;

        SeesRetries = HasRootControl
            && (found.Ask(offset + ExpressRegisters.RootCapabilities, 2) & ExpressRegisters.RootCapabilitiesRetryVisible) != 0;

        uint link = Known(ExpressRegisters.LinkCapabilities);
        _vector = HasSecondRegisters ? Known(ExpressRegisters.LinkCapabilities2) : 0;
        SupportedSpeeds = SpeedsOf(link, _vector);
        NotifiesOfBandwidth = (link & ExpressRegisters.LinkCapabilitiesNotifiesOfBandwidth) != 0;
        ReportsLink = (link & ExpressRegisters.LinkCapabilitiesReportsActive) != 0;
        CanForwardAri = (Known(ExpressRegisters.DeviceCapabilities2) & ExpressRegisters.DeviceCapabilities2Ari) != 0;
    }

    /// <summary>Where the capability begins (<c>pcie_cap</c>).</summary>
    public int Offset { get; }

    /// <summary>Whether this is a root, upstream or downstream port, and not a bridge from or to conventional PCI.</summary>
    public bool IsPort { get; }

    /// <summary>What it is (<c>pci_pcie_type()</c>).</summary>
    public ExpressPortType Type { get; }

    /// <summary>Whether there is Device Capabilities 2 and what follows it (<c>pcie_cap_version()</c>).</summary>
    public bool HasSecondRegisters { get; }

    /// <summary>Whether a link is below it (<c>pcie_downstream_port()</c>).</summary>
    public bool IsDownstreamPort =>
        Type is ExpressPortType.RootPort or ExpressPortType.DownstreamPort or ExpressPortType.PcieBridge;

    /// <summary>Whether there is Link Control (<c>pcie_cap_has_lnkctl()</c>).</summary>
    public bool HasLinkControl =>
        Type is ExpressPortType.Endpoint or ExpressPortType.LegacyEndpoint or ExpressPortType.RootPort
            or ExpressPortType.UpstreamPort or ExpressPortType.DownstreamPort
            or ExpressPortType.PciBridge or ExpressPortType.PcieBridge;

    /// <summary>Whether there is Slot Control (<c>pcie_cap_has_sltctl()</c>).</summary>
    public bool HasSlotControl { get; }

    /// <summary>Whether there is Root Control (<c>pcie_cap_has_rtctl()</c>).</summary>
    public bool HasRootControl => Type is ExpressPortType.RootPort or ExpressPortType.EventCollector;

    /// <summary>Whether a root port shows who wants to be asked again, as the kernel tells it to (<c>config_rrs_sv</c>).</summary>
    public bool SeesRetries { get; }

    /// <summary>Whether the function can be reset alone (<c>pcie_reset_flr()</c>'s probe).</summary>
    public bool HasFunctionLevelReset { get; }

    /// <summary>Whether cards come and go below this port (<c>set_pcie_hotplug_bridge()</c>).</summary>
    public bool IsHotplugBridge { get; }

    /// <summary>
    /// Whether the port can go faster than 5 GT/s, or does not say how fast: its link has to be up before the wait for what is below
    /// begins (PCI Express Base, section 6.6.1).
    /// </summary>
    public bool WaitsForLink(PciPowerRules rules) => FastestSpeed(rules) is 0 or > ExpressRegisters.LinkSpeed5;

    /// <summary>
    /// The number of its link's fastest speed, or 0 where that is not known (<c>pcie_get_speed_cap()</c>): older kernels believe the
    /// vector of speeds alone, where there is one.
    /// </summary>
    public int FastestSpeed(PciPowerRules rules) =>
        FastestOf(rules.RemembersLinkSpeeds || _vector == 0 ? SupportedSpeeds : _vector & ExpressRegisters.LinkCapabilities2Speeds);

    /// <summary>The speeds of its link, a bit each, that of 2.5 GT/s the second lowest (<c>supported_speeds</c>).</summary>
    public uint SupportedSpeeds { get; }

    /// <summary>Whether its link can go at several speeds.</summary>
    public bool HasSeveralSpeeds => (SupportedSpeeds & (SupportedSpeeds - 1)) != 0;

    /// <summary>Whether the port can interrupt where its link becomes slower or faster.</summary>
    public bool NotifiesOfBandwidth { get; }

    /// <summary>Whether the port says if its link is up (<c>link_active_reporting</c>).</summary>
    public bool ReportsLink { get; }

    /// <summary>Whether the port can pass on what is for functions with numbers above 7.</summary>
    public bool CanForwardAri { get; }

    /// <summary>The capability of a function, or null for one that is not of PCI Express.</summary>
    public static PciExpress? Find(ConfigurationSpace found, CapabilityList capabilities) =>
        capabilities.Find(CapabilityId.Express) is { Offset: int offset } ? new PciExpress(found, offset) : null;

    private static int FastestOf(uint speeds) => (speeds & KnownSpeeds) is var known and not 0 ? BitOperations.Log2(known) : 0;

    /// <summary>
    /// The speeds of a link, a bit each, 2.5 GT/s the second lowest: by their vector, or before PCI Express 3.0 by the fastest; none
    /// where that says nothing (<c>pcie_get_supported_speeds()</c>).
    /// </summary>
    private static uint SpeedsOf(uint link, uint link2)
    {
        int fastest = (int)(link & ExpressRegisters.LinkCapabilitiesSpeed);
        uint upToFastest = ((2u << fastest) - 1) & ExpressRegisters.LinkCapabilities2Speeds;
        uint speeds = link2 & upToFastest;
        return speeds != 0 ? speeds : fastest is ExpressRegisters.LinkSpeed2_5 or ExpressRegisters.LinkSpeed5 ? upToFastest : 0;
    }
}
