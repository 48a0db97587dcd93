namespace VfioPm;

/// <summary>An IOMMU group that user space has open (<c>/dev/vfio/NUMBER</c>).</summary>
/// <param name="Number">Its number.</param>
public readonly record struct VfioGroup(int Number);
