namespace VfioPm;

/// <summary>
/// What decides which registers of a function a kernel saves (<see cref="SavedRegisters"/>): what it found when it enumerated
/// the function.
/// </summary>
/// <param name="Function">The function.</param>
/// <param name="Express">Its PCI Express capability, or null.</param>
/// <param name="Rules">The kernel's decisions.</param>
/// <param name="CapabilitiesAbove">Those of the port above that the kernel sees, if there is one.</param>
internal sealed record SavedLayout(
    IPciConfiguration Function,
    PciExpress? Express,
    PciPowerRules Rules,
    CapabilityList? CapabilitiesAbove)
{
    public CapabilityList Capabilities => Function.Capabilities;

    public ConfigurationSpace Configuration => Function.Found;

    public bool IsDownstreamPort => Express is { IsDownstreamPort: true };

    /// <summary>Whether the kernel keeps the L1 substates of the link that ends here.</summary>
    public bool EndsLinkWithSubstates =>
        Rules.SavesL1Substates && !IsDownstreamPort && HasSubstates(Capabilities) && HasSubstates(CapabilitiesAbove);

    /// <summary>How many BARs its header has room for.</summary>
    public int BarCount => Configuration.IsBridge ? 2 : 6;

    private static bool HasSubstates(CapabilityList? capabilities) =>
        capabilities?.FindExtended(ExtendedCapabilityId.L1Substates) is not null;
}
