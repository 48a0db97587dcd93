namespace VfioPm;

/// <summary>A function that a hot reset would reset (<c>struct vfio_pci_dependent_device</c>).</summary>
/// <param name="Group">Its group.</param>
/// <param name="Address">Where it sits.</param>
public readonly record struct DependentDevice(VfioGroup Group, PciAddress Address)
{
    /// <summary>The <see cref="DeviceId"/> of one that the iommufd owns by another function of its group (<c>VFIO_PCI_DEVID_OWNED</c>).</summary>
    public const int Owned = 0;

    /// <summary>The <see cref="DeviceId"/> of one that it does not own (<c>VFIO_PCI_DEVID_NOT_OWNED</c>).</summary>
    public const int NotOwned = -1;

    /// <summary>
    /// By which number the asker's iommufd knows it, or one of the above; null where the asker has his device by its group, and is told
    /// the group.
    /// </summary>
    public int? DeviceId { get; init; }
}

/// <summary>What the answer tells (<c>VFIO_PCI_HOT_RESET_FLAG_*</c>).</summary>
[Flags]
public enum HotResetFlags
{
    /// <summary>The groups.</summary>
    None = 0,

    /// <summary>By which numbers the iommufd knows the functions (<c>DEV_ID</c>).</summary>
    DeviceId = 1 << 0,

    /// <summary>It owns all of them, so that a hot reset is allowed (<c>DEV_ID_OWNED</c>).</summary>
    DeviceIdOwned = 1 << 1,
}

/// <summary>
/// The answer of <c>VFIO_DEVICE_GET_PCI_HOT_RESET_INFO</c> (<c>struct vfio_pci_hot_reset_info</c>).
/// </summary>
/// <param name="Count">How many functions there are.</param>
/// <param name="Devices">The functions; empty where there was no room for all.</param>
public sealed record HotResetInfo(int Count, IReadOnlyList<DependentDevice> Devices)
{
    /// <summary>Bytes in front of the functions, the least <c>argsz</c>.</summary>
    public const uint HeaderSize = 12;

    /// <summary>Bytes of each function.</summary>
    public const uint DeviceSize = 8;

    /// <summary>What it tells.</summary>
    public HotResetFlags Flags { get; init; }

    /// <summary>The answer to a user whose device is bound to an iommufd.</summary>
    internal static HotResetInfo OfDevices(IReadOnlyList<DependentDevice> devices) => new(devices.Count, devices)
    {
        Flags = HotResetFlags.DeviceId
            | (devices.All(static device => device.DeviceId != DependentDevice.NotOwned) ? HotResetFlags.DeviceIdOwned : HotResetFlags.None),
    };

    internal static HotResetInfo Empty { get; } = new(0, []);
}
