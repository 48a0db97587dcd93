namespace VfioPm;

/// <summary>What differs between the vfio-pci of different kernels.</summary>
internal sealed record VfioRules
{
    public static readonly VfioRules PreRfc = new()
    {
        Power = DirectPowerPolicy.Instance,
        Configuration = ConfigurationRules.BeforeRfc,
        KeepsStateOverD3 = true,
    };

    public static readonly VfioRules RfcV1 = new()
    {
        Power = RfcV1PowerPolicy.Instance,
        Configuration = ConfigurationRules.RfcV1,
    };

    public static readonly VfioRules Linux6_1 = new()
    {
        Power = RuntimePowerPolicy.Instance,
        Configuration = ConfigurationRules.Linux6_1,
        KeepsStateOverD3 = true,
        FencesMemoryInD3 = true,
        Features = FeatureSupport.LowPower,
    };

    public static readonly VfioRules Linux6_12 = Linux6_1 with
    {
        Configuration = ConfigurationRules.Linux6_12,
        MsiXGrows = true,
        HoldsMemoryWhileEnablingSriov = true,
    };

    public static readonly VfioRules Linux7_3 = Linux6_12 with
    {
        Features = FeatureSupport.Linux7_3,
        HoldsMemoryWhileEnablingSriov = false,
    };

    /// <summary>Who changes the power state, and when.</summary>
    public required VfioPowerPolicy Power { get; init; }

    /// <summary>The virtual configuration space.</summary>
    public required ConfigurationRules Configuration { get; init; }

    /// <summary>
    /// The driver saves the configuration before D3 and restores it after, where the function soft-resets; the
    /// RFC leaves that to the PCI core.
    /// </summary>
    public bool KeepsStateOverD3 { get; init; }

    /// <summary>
    /// Memory of a function in D3hot or deeper is kept from its user as if it were disabled in Command
    /// (<c>__vfio_pci_memory_enabled()</c> since Linux 5.19).
    /// </summary>
    public bool FencesMemoryInD3 { get; init; }

    /// <summary>MSI-X vectors can be added while MSI-X is enabled (Linux 6.5).</summary>
    public bool MsiXGrows { get; init; }

    /// <summary>
    /// <c>memory_lock</c> is held until the virtual functions are there, and so comes before the lock of their device sets:
    /// a circle (Linux 5.19; cured in 2026 by a flag, which the 6.1 that was recorded has too).
    /// </summary>
    public bool HoldsMemoryWhileEnablingSriov { get; init; }

    /// <summary>What <c>VFIO_DEVICE_FEATURE</c> has.</summary>
    public IReadOnlyList<FeatureSupport> Features { get; init; } = FeatureSupport.VfToken;
}
