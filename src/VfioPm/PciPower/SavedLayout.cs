namespace VfioPm;

/// <summary>
/// What a kernel, the host's or a guest's, found of a function when it enumerated it, and what decides which registers it
/// saves (<see cref="SavedRegisters"/>).
/// </summary>
/// <param name="Capabilities">The function's.</param>
/// <param name="Configuration">The function's registers.</param>
/// <param name="Rules">The kernel's decisions.</param>
/// <param name="CapabilitiesAbove">Those of the port above that the kernel sees, if there is one.</param>
internal sealed record SavedLayout(
    CapabilityList Capabilities,
    IConfigurationAccess Configuration,
    PciPowerRules Rules,
    CapabilityList? CapabilitiesAbove = null)
{
    private readonly int? _expressFlags = Capabilities.Find(CapabilityId.Express) is { Offset: int offset }
        ? (int)Configuration.ReadConfig(offset + ExpressRegisters.Flags, 2)
        : null;

    public int ExpressVersion => (_expressFlags ?? 0) & ExpressRegisters.FlagsVersion;

    /// <summary><c>pcie_cap_has_lnkctl()</c>.</summary>
    public bool HasLink =>
        ExpressType is not (ExpressPortType.IntegratedEndpoint or ExpressPortType.EventCollector);

    /// <summary><c>pcie_cap_has_sltctl()</c>.</summary>
    public bool HasSlot => IsDownstreamPort && (_expressFlags & ExpressRegisters.FlagsSlot) != 0;

    /// <summary><c>pcie_cap_has_rtctl()</c>.</summary>
    public bool IsRoot => ExpressType is ExpressPortType.RootPort or ExpressPortType.EventCollector;

    /// <summary><c>pcie_downstream_port()</c>.</summary>
    public bool IsDownstreamPort => ExpressType is ExpressPortType.RootPort or ExpressPortType.DownstreamPort;

    /// <summary>Whether the kernel keeps the L1 substates of the link that ends here.</summary>
    public bool EndsLinkWithSubstates =>
        Rules.SavesL1Substates && !IsDownstreamPort && HasSubstates(Capabilities) && HasSubstates(CapabilitiesAbove);

    private ExpressPortType? ExpressType => _expressFlags is { } flags ? ExpressRegisters.TypeOf(flags) : null;

    /// <summary>The layout of a function of the host.</summary>
    public static SavedLayout Of(PciDevice device) =>
        new(device.Hardware.Capabilities, device, device.Bus.Rules, device.Upstream?.Hardware.Capabilities);

    private static bool HasSubstates(CapabilityList? capabilities) =>
        capabilities?.FindExtended(ExtendedCapabilityId.L1Substates) is not null;
}
