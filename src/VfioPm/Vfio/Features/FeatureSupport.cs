namespace VfioPm;

/// <summary>A feature that a kernel has for plain vfio-pci devices.</summary>
/// <param name="Feature">Which.</param>
/// <param name="Operations">Reading, writing, both; or neither, for what is known and refused.</param>
/// <param name="LeastSize">Bytes of data that it needs.</param>
internal sealed record FeatureSupport(VfioFeature Feature, VfioFeatureFlags Operations, uint LeastSize) : IUnchanging
{
    /// <summary>Before Linux 6.1: the token of physical functions.</summary>
    public static IReadOnlyList<FeatureSupport> VfToken { get; } =
    [
        new(VfioFeature.PciVfToken, VfioFeatureFlags.Set, VfioFeatureRequest.TokenSize),
    ];

    /// <summary>Revisions of the RFC whose user is not told of a wake-up; their ways of asking stand for these.</summary>
    public static IReadOnlyList<FeatureSupport> LowPowerWithoutWakeup { get; } =
    [
        .. VfToken,
        new(VfioFeature.LowPowerEntry, VfioFeatureFlags.Set, 0),
        new(VfioFeature.LowPowerExit, VfioFeatureFlags.Set, 0),
    ];

    /// <summary>Linux 6.1 and later: low power.</summary>
    public static IReadOnlyList<FeatureSupport> LowPower { get; } =
    [
        .. VfToken,
        new(VfioFeature.LowPowerEntry, VfioFeatureFlags.Set, 0),
        new(VfioFeature.LowPowerEntryWithWakeup, VfioFeatureFlags.Set, VfioFeatureRequest.WakeupSize),
        new(VfioFeature.LowPowerExit, VfioFeatureFlags.Set, 0),
    ];

    /// <summary>Linux 7.3: buffers that other devices access; what is for migration is refused, and no device here migrates.</summary>
    public static IReadOnlyList<FeatureSupport> Linux7_3 { get; } =
    [
        .. LowPower,
        new(VfioFeature.DmaBuf, VfioFeatureFlags.Get, VfioDmaBufRequest.HeaderSize),
        new(VfioFeature.MigPrecopyInfo2, VfioFeatureFlags.None, 0),
    ];

    /// <summary>Checks a request for it (<c>vfio_check_feature()</c>).</summary>
    /// <returns>1 to carry it out; 0 for a probe; -EINVAL.</returns>
    public int Check(in VfioFeatureRequest request)
    {
        const VfioFeatureFlags Both = VfioFeatureFlags.Get | VfioFeatureFlags.Set;

        VfioFeatureFlags asked = request.Operation & Both;
        return (asked & ~Operations) != 0 || Operations == 0 ? -Errno.EINVAL
            : (request.Operation & VfioFeatureFlags.Probe) != 0 ? 0
            : asked == 0 || request.DataSize < LeastSize ? -Errno.EINVAL
            : 1;
    }
}
