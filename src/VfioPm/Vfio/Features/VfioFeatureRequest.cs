namespace VfioPm;

/// <summary>
/// The argument of <c>VFIO_DEVICE_FEATURE</c> (<c>struct vfio_device_feature</c>) and the data behind it.
/// </summary>
public readonly record struct VfioFeatureRequest
{
    /// <summary>Bytes in front of the data, the least <c>argsz</c>.</summary>
    public const uint HeaderSize = 8;

    /// <summary>Bytes of the data of <see cref="VfioFeature.LowPowerEntryWithWakeup"/>.</summary>
    public const uint WakeupSize = 8;

    /// <summary>Bytes of the data of <see cref="VfioFeature.PciVfToken"/>.</summary>
    public const uint TokenSize = 16;

    private const uint FeatureMask = 0xffff;
    private const uint KnownFlags = (uint)(VfioFeatureFlags.Get | VfioFeatureFlags.Set | VfioFeatureFlags.Probe);

    private readonly uint? _argumentSize;

    /// <summary>A request of the ordinary kind; <c>argsz</c> is what it should be.</summary>
    public VfioFeatureRequest(VfioFeature feature, VfioFeatureFlags flags, FileDescriptor? wakeup = null)
    {
        Flags = (uint)feature | (uint)flags;
        Wakeup = wakeup;
    }

    /// <summary><c>argsz</c>: the bytes of the structure with its data.</summary>
    public uint ArgumentSize
    {
        get => _argumentSize ?? HeaderSize + (Wakeup is null ? 0 : WakeupSize) + (Token is null ? 0 : TokenSize)
            + (DmaBuf is null ? 0 : VfioDmaBufRequest.HeaderSize);
        init => _argumentSize = value;
    }

    /// <summary>The feature's number and <see cref="VfioFeatureFlags"/>.</summary>
    public uint Flags { get; init; }

    /// <summary>
    /// The data of <see cref="VfioFeature.LowPowerEntryWithWakeup"/>: the eventfd; null where there is no data in
    /// memory, whatever <see cref="ArgumentSize"/> says.
    /// </summary>
    public FileDescriptor? Wakeup { get; init; }

    /// <summary>The data of <see cref="VfioFeature.PciVfToken"/>, or null as for <see cref="Wakeup"/>.</summary>
    public Guid? Token { get; init; }

    /// <summary>The data of <see cref="VfioFeature.DmaBuf"/>, or null as for <see cref="Wakeup"/>.</summary>
    public VfioDmaBufRequest? DmaBuf { get; init; }

    internal VfioFeature Feature => (VfioFeature)(Flags & FeatureMask);

    internal uint DataSize => ArgumentSize - HeaderSize;

    internal VfioFeatureFlags Operation => (VfioFeatureFlags)(Flags & ~FeatureMask);

    /// <summary>Whether the header makes sense (the beginning of <c>vfio_ioctl_device_feature()</c>).</summary>
    internal bool IsWellFormed =>
        ArgumentSize >= HeaderSize
        && (Flags & ~(FeatureMask | KnownFlags)) == 0
        && Operation != (VfioFeatureFlags.Get | VfioFeatureFlags.Set);
}
