namespace VfioPm;

/// <summary>The regions of a vfio-pci device (<c>VFIO_PCI_*_REGION_INDEX</c>); 0 to 5 are the BARs.</summary>
public static class VfioRegion
{
    /// <summary>The expansion ROM.</summary>
    public const int Rom = Bar.RomIndex;

    /// <summary>Configuration space.</summary>
    public const int Configuration = 7;

    /// <summary>Legacy VGA ranges; no function here has them.</summary>
    public const int Vga = 8;

    /// <summary>The number of regions (<c>VFIO_PCI_NUM_REGIONS</c>).</summary>
    public const int Count = 9;

    private const int OffsetShift = 40;

    /// <summary>Where a region starts in the device's file (<c>VFIO_PCI_INDEX_TO_OFFSET</c>).</summary>
    public static ulong FileOffset(int index) => (ulong)index << OffsetShift;

    /// <summary>The region in which an offset in the device's file lies (<c>VFIO_PCI_OFFSET_TO_INDEX</c>).</summary>
    public static int IndexOf(ulong fileOffset) => (int)(fileOffset >> OffsetShift);

    /// <summary>An offset in the device's file as an offset in its region (<c>VFIO_PCI_OFFSET_MASK</c>).</summary>
    public static long Within(long fileOffset) => fileOffset & ((1L << OffsetShift) - 1);
}
