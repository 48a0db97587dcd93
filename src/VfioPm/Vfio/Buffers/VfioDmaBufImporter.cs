namespace VfioPm;

/// <summary>
/// The driver of another device that takes a buffer, as far as it matters to vfio (<c>struct dma_buf_attach_ops</c>).
/// </summary>
public sealed record VfioDmaBufImporter
{
    /// <summary>One that can do all that vfio wants, and unmaps as soon as it is told to.</summary>
    public static VfioDmaBufImporter Usual { get; } = new();

    /// <summary>Whether it can use memory of other devices, which has no pages (<c>allow_peer2peer</c>).</summary>
    public bool AllowsPeerToPeer { get; init; } = true;

    /// <summary>Whether it can be told that what it has mapped is void (<c>invalidate_mappings</c>).</summary>
    public bool IsRevocable { get; init; } = true;

    /// <summary>
    /// Whether it unmaps while it is told so. One that does not makes whoever revokes the buffer wait, with <c>memory_lock</c>
    /// held, until it does (<see cref="VfioDmaBufAttachment.Unmap"/>).
    /// </summary>
    public bool UnmapsAtOnce { get; init; } = true;
}
