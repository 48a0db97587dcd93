namespace VfioPm;

/// <summary>
/// What decides which registers of a function a kernel saves (<see cref="SavedRegisters"/>): what it found when it enumerated
/// the function.
/// </summary>
/// <param name="Function">The function.</param>
/// <param name="Rules">The kernel's decisions.</param>
/// <param name="CapabilitiesAbove">Those of the port above that the kernel sees, if there is one.</param>
internal sealed record SavedLayout(
    IPciConfiguration Function,
    PciPowerRules Rules,
    CapabilityList? CapabilitiesAbove)
{
    private readonly int? _expressFlags = Function.Capabilities.Find(CapabilityId.Express) is { Offset: int offset }
        ? (int)Function.Found.Read(offset + ExpressRegisters.Flags, 2)
        : null;

    public CapabilityList Capabilities => Function.Capabilities;

    public ConfigurationSpace Configuration => Function.Found;

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

    /// <summary>How many BARs its header has room for.</summary>
    public int BarCount => (Configuration.Read(PciRegisters.HeaderType, 1) & PciRegisters.HeaderTypeMask)
        == PciRegisters.HeaderTypeBridge ? 2 : 6;

    private ExpressPortType? ExpressType => _expressFlags is { } flags ? ExpressRegisters.TypeOf(flags) : null;

    private static bool HasSubstates(CapabilityList? capabilities) =>
        capabilities?.FindExtended(ExtendedCapabilityId.L1Substates) is not null;
}
