namespace VfioPm;

/// <summary>What to do, and in which form the data comes (<c>VFIO_IRQ_SET_*</c>): one of each.</summary>
[Flags]
public enum VfioIrqSetFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>No data: act on all vectors in the range.</summary>
    DataNone = 0x01,

    /// <summary>A byte for each vector: act on those that are not zero.</summary>
    DataBool = 0x02,

    /// <summary>An eventfd for each vector, or -1.</summary>
    DataEventFd = 0x04,

    /// <summary>Mask.</summary>
    ActionMask = 0x08,

    /// <summary>Unmask.</summary>
    ActionUnmask = 0x10,

    /// <summary>Signal, or with eventfds say whom to signal.</summary>
    ActionTrigger = 0x20,

    /// <summary>All forms of data.</summary>
    DataMask = DataNone | DataBool | DataEventFd,

    /// <summary>All actions.</summary>
    ActionTypeMask = ActionMask | ActionUnmask | ActionTrigger,
}

/// <summary>The argument of <c>VFIO_DEVICE_SET_IRQS</c> (<c>struct vfio_irq_set</c>) and the data behind it.</summary>
public readonly ref struct VfioIrqSet
{
    /// <summary>Bytes in front of the data, the least <c>argsz</c>.</summary>
    public const uint HeaderSize = 20;

    private readonly uint? _argumentSize;

    /// <summary>A request of the ordinary kind; <c>argsz</c> is what it should be.</summary>
    public VfioIrqSet(VfioIrqIndex index, VfioIrqSetFlags flags, uint start = 0, uint count = 1)
    {
        Index = (uint)index;
        Flags = flags;
        Start = start;
        Count = count;
    }

    /// <summary><c>argsz</c>: the bytes of the structure with its data.</summary>
    public uint ArgumentSize
    {
        get => _argumentSize ?? HeaderSize + (Count * SizeOf(Flags & VfioIrqSetFlags.DataMask));
        init => _argumentSize = value;
    }

    /// <summary>What to do.</summary>
    public VfioIrqSetFlags Flags { get; init; }

    /// <summary>A <see cref="VfioIrqIndex"/>, or a number that is none.</summary>
    public uint Index { get; init; }

    /// <summary>The first vector.</summary>
    public uint Start { get; init; }

    /// <summary>The number of vectors.</summary>
    public uint Count { get; init; }

    /// <summary>The bytes of <see cref="VfioIrqSetFlags.DataBool"/>.</summary>
    public ReadOnlySpan<byte> Bools { get; init; }

    /// <summary>The descriptors of <see cref="VfioIrqSetFlags.DataEventFd"/>.</summary>
    public ReadOnlySpan<FileDescriptor> EventFds { get; init; }

    /// <summary>Bytes of data for each vector.</summary>
    internal static uint SizeOf(VfioIrqSetFlags data) => data switch
    {
        VfioIrqSetFlags.DataBool => sizeof(byte),
        VfioIrqSetFlags.DataEventFd => sizeof(int),
        _ => 0,
    };
}
