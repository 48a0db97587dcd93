namespace VfioPm;

/// <summary>What differs between the vfio-pci of different kernels.</summary>
internal sealed record VfioRules
{
    /// <summary>Who changes the power state, and when.</summary>
    public required Func<VfioPciDevice, VfioPower> MakePower { get; init; }

    /// <summary>What is decided about users who permit low power, where runtime PM lets them.</summary>
    public LowPowerRules LowPower { get; init; } = LowPowerRules.Linux6_1;

    /// <summary>Which parameters of the module a function keeps as they were when it was bound.</summary>
    public LatchedParameters Latched { get; init; }

    /// <summary>
    /// Without idle D3 a set is reset at its last close as its members are, since none of them is thought to sleep
    /// (<c>vfio_pci_dev_set_try_reset()</c> from 7ab5e10eda02 to 4575e9aac533, which the 6.1 that was recorded has too).
    /// </summary>
    public bool HoldsForLastResetOnlyWithIdleD3 { get; init; }

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

    /// <summary>
    /// For errors and requests a negative descriptor other than -1 is refused, where it was taken and nothing done before
    /// (<c>vfio_pci_set_ctx_trigger_single()</c>, Linux 6.16 and 6.12's stable series).
    /// </summary>
    public bool RefusesOtherNegatives { get; init; }

    /// <summary>There is the interrupt of errors for functions that are not of PCI Express too (Linux 7.3).</summary>
    public bool HasErrorIrqWithoutExpress { get; init; }

    /// <summary><c>VFIO_DEVICE_GET_INFO</c>.</summary>
    public DeviceInfoRules DeviceInfo { get; init; } = DeviceInfoRules.WithoutCapabilities;

    /// <summary>A hot reset without groups is refused before anyone looks whether the bus can be reset (Linux 6.6).</summary>
    public bool WantsGroupsFirst { get; init; }

    /// <summary>
    /// Whether a function is the user's is looked at when its memory is locked, after that of those before it
    /// (<c>vfio_pci_dev_set_hot_reset()</c>, Linux 6.10); before, of all first.
    /// </summary>
    public bool LooksAtOwnersOneByOne { get; init; }

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

    /// <summary>
    /// Whether it is built with a character device for each function (<c>CONFIG_VFIO_DEVICE_CDEV</c>), which needs iommufd: Debian's
    /// kernels are not.
    /// </summary>
    public bool HasDeviceCdev { get; init; }

    /// <summary>Whoever opens by a character device may give a token, and needs it as who opens by the group (Linux 7.3).</summary>
    public bool BindsWithToken { get; init; }

    /// <summary>Whether BARs can be exported as buffers (<c>VFIO_DEVICE_FEATURE_DMA_BUF</c>).</summary>
    public bool HasDmaBufs => Features.Any(static feature => feature.Feature == VfioFeature.DmaBuf);
}
