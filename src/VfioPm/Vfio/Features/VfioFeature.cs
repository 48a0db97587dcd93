namespace VfioPm;

/// <summary>The features of <c>VFIO_DEVICE_FEATURE</c> (<c>VFIO_DEVICE_FEATURE_*</c>).</summary>
public enum VfioFeature
{
    /// <summary>The secret that users of virtual functions share with that of the physical one.</summary>
    PciVfToken = 0,

    /// <summary>Migration.</summary>
    Migration = 1,

    /// <summary>The state of a migration.</summary>
    MigDeviceState = 2,

    /// <summary>Allow the kernel to put the device into low power until <see cref="LowPowerExit"/>.</summary>
    LowPowerEntry = 3,

    /// <summary>The same, and signal an eventfd once when the device is woken, which ends it.</summary>
    LowPowerEntryWithWakeup = 4,

    /// <summary>Keep the device active again.</summary>
    LowPowerExit = 5,

    /// <summary>Begin to log the device's writes.</summary>
    DmaLoggingStart = 6,

    /// <summary>End that.</summary>
    DmaLoggingStop = 7,

    /// <summary>What was logged.</summary>
    DmaLoggingReport = 8,

    /// <summary>How much data a migration still has.</summary>
    MigDataSize = 9,

    /// <summary>Bus mastering of a device without such a bit.</summary>
    BusMaster = 10,

    /// <summary>A BAR as a DMA buffer.</summary>
    DmaBuf = 11,

    /// <summary>A migration's progress, second version.</summary>
    MigPrecopyInfo2 = 12,
}

/// <summary>What is wanted of a feature (<c>VFIO_DEVICE_FEATURE_GET</c>, <c>_SET</c>, <c>_PROBE</c>).</summary>
[Flags]
public enum VfioFeatureFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Read it.</summary>
    Get = 1 << 16,

    /// <summary>Write it, or do it.</summary>
    Set = 1 << 17,

    /// <summary>Only say whether that would work.</summary>
    Probe = 1 << 18,
}
