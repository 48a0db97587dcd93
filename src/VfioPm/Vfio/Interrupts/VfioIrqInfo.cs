namespace VfioPm;

/// <summary>What an interrupt index can do (<c>VFIO_IRQ_INFO_*</c>).</summary>
[Flags]
public enum VfioIrqInfoFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It signals eventfds.</summary>
    EventFd = 1,

    /// <summary>It can be masked and unmasked.</summary>
    Maskable = 2,

    /// <summary>It masks itself when it signals.</summary>
    AutoMasked = 4,

    /// <summary>To use more of its vectors, all must be disabled first.</summary>
    NoResize = 8,
}

/// <summary>The answer of <c>VFIO_DEVICE_GET_IRQ_INFO</c> (<c>struct vfio_irq_info</c>).</summary>
/// <param name="Flags">What it can do.</param>
/// <param name="Count">
/// How many vectors it has. MSI's and MSI-X's are read from the hardware: a function that does not answer seems to have
/// 128 and 2048.
/// </param>
public readonly record struct VfioIrqInfo(VfioIrqInfoFlags Flags, int Count)
{
    /// <summary>Bytes of the structure, the least <c>argsz</c>.</summary>
    public const uint Size = 16;
}
