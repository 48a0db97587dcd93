namespace VfioPm;

/// <summary>What differs between the vfio-pci of different kernels.</summary>
internal sealed record VfioRules
{
    public static readonly VfioRules PreRfc = new()
    {
        Power = PowerScheme.Direct,
        HasPmOps = false,
        Configuration = ConfigurationRules.BeforeRfc,
    };

    public static readonly VfioRules RfcV1 = new()
    {
        Power = PowerScheme.RfcV1,
        Configuration = ConfigurationRules.RfcV1,
    };

    public static readonly VfioRules Linux6_1 = new()
    {
        Power = PowerScheme.Runtime,
        HasOwnCallbacks = true,
        Configuration = ConfigurationRules.Linux6_1,
        Features = FeatureSupport.LowPower,
        Latched = LatchedParameters.IdleD3,
    };

    public static readonly VfioRules RfcV5 = Linux6_1 with
    {
        LowPower = LowPowerRules.RfcV5,
        Latched = LatchedParameters.None,
        HoldsMemoryWhileEnablingSriov = true,
    };

    public static readonly VfioRules RfcV4 = RfcV5 with { LowPower = LowPowerRules.RfcV4, Features = FeatureSupport.LowPowerWithoutWakeup };

    public static readonly VfioRules RfcV3 = RfcV4 with { LowPower = LowPowerRules.RfcV3, HoldsMemoryWhileEnablingSriov = false };

    public static readonly VfioRules RfcV2 = RfcV3 with
    {
        Power = PowerScheme.RfcV2,
        LowPower = LowPowerRules.RfcV2,
    };

    public static readonly VfioRules Linux6_12 = Linux6_1 with
    {
        Configuration = ConfigurationRules.Linux6_12,
        MsiXGrows = true,
        DeviceInfo = DeviceInfoRules.Linux6_12,
        WantsGroupsFirst = true,
        FillsHotResetInfoLocked = true,
        KnowsIommufd = true,
        WidestBarCycle = 8,
        HoldsMemoryWhileEnablingSriov = true,
        Latched = LatchedParameters.None,
        PacksFlags = true,
    };

    public static readonly VfioRules Linux7_3 = Linux6_12 with
    {
        Features = FeatureSupport.Linux7_3,
        HoldsMemoryWhileEnablingSriov = false,
        Latched = LatchedParameters.All,
        PacksFlags = false,
        HasErrorIrqWithoutExpress = true,
    };

    /// <summary>Who changes the power state, and when.</summary>
    public required PowerScheme Power { get; init; }

    /// <summary>What is decided about users who permit low power, where runtime PM lets them.</summary>
    public LowPowerRules LowPower { get; init; } = LowPowerRules.Linux6_1;

    /// <summary>Which parameters of the module a function keeps as they were when it was bound.</summary>
    public LatchedParameters Latched { get; init; }

    /// <summary>
    /// Flags that several threads change are bits of one word (9cd0f6d5cbb6, Linux 6.4; undone in 2026 by e73638e55f86, which the
    /// 6.1 that was recorded has too).
    /// </summary>
    public bool PacksFlags { get; init; }

    /// <summary>Whether the driver registers runtime-PM callbacks, so that its functions may idle.</summary>
    public bool HasPmOps { get; init; } = true;

    /// <summary>Whether it has a <c>runtime_suspend</c> and <c>runtime_resume</c> of its own.</summary>
    public bool HasOwnCallbacks { get; init; }

    /// <summary>The virtual configuration space.</summary>
    public required ConfigurationRules Configuration { get; init; }

    /// <summary>MSI-X vectors can be added while MSI-X is enabled (Linux 6.5).</summary>
    public bool MsiXGrows { get; init; }

    /// <summary>There is the interrupt of errors for functions that are not of PCI Express too (Linux 7.3).</summary>
    public bool HasErrorIrqWithoutExpress { get; init; }

    /// <summary><c>VFIO_DEVICE_GET_INFO</c>.</summary>
    public DeviceInfoRules DeviceInfo { get; init; } = DeviceInfoRules.WithoutCapabilities;

    /// <summary>A hot reset without groups is refused before anyone looks whether the bus can be reset (Linux 6.6).</summary>
    public bool WantsGroupsFirst { get; init; }

    /// <summary>
    /// The functions that a hot reset would reset are collected under <c>dev_set->lock</c>, and copied to the user before
    /// their count is (Linux 6.6).
    /// </summary>
    public bool FillsHotResetInfoLocked { get; init; }

    /// <summary>
    /// <c>memory_lock</c> is held until the virtual functions are there, and so comes before the lock of their device sets:
    /// a circle (Linux 5.19; cured in 2026 by a flag, which the 6.1 that was recorded has too).
    /// </summary>
    public bool HoldsMemoryWhileEnablingSriov { get; init; }

    /// <summary>A device can be opened without a group and bound to an iommufd (Linux 6.6).</summary>
    public bool KnowsIommufd { get; init; }

    /// <summary>The widest cycle to a BAR in memory that a read or write makes, in bytes (8 since Linux 6.10).</summary>
    public int WidestBarCycle { get; init; } = 4;

    /// <summary>What <c>VFIO_DEVICE_FEATURE</c> has.</summary>
    public IReadOnlyList<FeatureSupport> Features { get; init; } = FeatureSupport.VfToken;

    /// <summary>Whether BARs can be exported as buffers (<c>VFIO_DEVICE_FEATURE_DMA_BUF</c>).</summary>
    public bool HasDmaBufs => Features.Any(static feature => feature.Feature == VfioFeature.DmaBuf);
}
