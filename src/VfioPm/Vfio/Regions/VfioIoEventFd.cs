using System.Numerics;

namespace VfioPm;

/// <summary>
/// The argument of <c>VFIO_DEVICE_IOEVENTFD</c> (<c>struct vfio_device_ioeventfd</c>): what a signal of an eventfd shall
/// write, and where.
/// </summary>
/// <param name="Region">The BAR.</param>
/// <param name="Offset">Where in it.</param>
/// <param name="Data">What to write; of a narrower write the low bytes.</param>
/// <param name="EventFd">Which signal does it, or -1 to give that up.</param>
public readonly record struct VfioIoEventFd(int Region, long Offset, ulong Data, FileDescriptor EventFd)
{
    /// <summary>The least <c>argsz</c>.</summary>
    public const uint LeastArgumentSize = 28;

    private const uint WidthMask = 0xf;

    private readonly uint? _argumentSize;

    /// <summary>A request of the ordinary kind; <c>argsz</c> is what it should be.</summary>
    public VfioIoEventFd(int region, long offset, int width, ulong data, FileDescriptor eventFd)
        : this(region, offset, data, eventFd) => Flags = (uint)width;

    /// <summary><c>argsz</c>.</summary>
    public uint ArgumentSize
    {
        get => _argumentSize ?? LeastArgumentSize;
        init => _argumentSize = value;
    }

    /// <summary>The width of the write, 1, 2, 4 or 8 bytes, as a flag.</summary>
    public uint Flags { get; init; }

    internal int Width => (int)Flags;

    internal bool IsWellFormed =>
        ArgumentSize >= LeastArgumentSize
        && (Flags & ~WidthMask) == 0
        && BitOperations.IsPow2(Flags)
        && !EventFd.IsOtherNegative;

    /// <summary>Whether it asks for the same write, by whatever signal.</summary>
    internal bool WritesAs(in VfioIoEventFd other) =>
        (Region, Offset, Data, Flags) == (other.Region, other.Offset, other.Data, other.Flags);
}
