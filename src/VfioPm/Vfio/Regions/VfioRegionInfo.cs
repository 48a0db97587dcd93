namespace VfioPm;

/// <summary>What can be done with a region (<c>VFIO_REGION_INFO_FLAG_*</c>).</summary>
[Flags]
public enum VfioRegionFlags
{
    /// <summary>Nothing: the region is not there.</summary>
    None = 0,

    /// <summary>It can be read.</summary>
    Read = 1,

    /// <summary>It can be written.</summary>
    Write = 2,

    /// <summary>It can be mapped.</summary>
    Map = 4,

    /// <summary>The answer has a chain of capabilities.</summary>
    Capabilities = 8,
}

/// <summary>The answer of <c>VFIO_DEVICE_GET_REGION_INFO</c> (<c>struct vfio_region_info</c>).</summary>
/// <param name="Index">The region.</param>
/// <param name="Flags">What can be done with it.</param>
/// <param name="Size">Its bytes; 0 if it is not there.</param>
/// <param name="ArgumentSize">What <c>argsz</c> comes back as: more than was given if capabilities did not fit.</param>
/// <param name="IsMsiXMappable">
/// Whether the answer carries <c>VFIO_REGION_INFO_CAP_MSIX_MAPPABLE</c> (id 3, version 1), its only capability here.
/// </param>
public readonly record struct VfioRegionInfo(
    int Index, VfioRegionFlags Flags, ulong Size, uint ArgumentSize, bool IsMsiXMappable)
{
    /// <summary>The least <c>argsz</c>: the structure without capabilities.</summary>
    public const uint LeastArgumentSize = 32;

    /// <summary>An <c>argsz</c> that has room for the capabilities too.</summary>
    public const uint FullArgumentSize = 40;

    /// <summary>Where the region starts in the device's file.</summary>
    public ulong Offset => VfioRegion.FileOffset(Index);
}
