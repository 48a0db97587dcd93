namespace VfioPm;

/// <summary>A part of a BAR (<c>struct vfio_region_dma_range</c>), in bytes; pages that a buffer is to have.</summary>
/// <param name="Offset">Where in the BAR it begins; a multiple of the page size.</param>
/// <param name="Length">How many bytes; a multiple of the page size.</param>
public readonly record struct VfioDmaRange(ulong Offset, ulong Length);
