namespace VfioPm;

/// <summary>What a device is (<c>VFIO_DEVICE_FLAGS_*</c>).</summary>
[Flags]
public enum VfioDeviceFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>VFIO_DEVICE_RESET</c> works.</summary>
    Reset = 1,

    /// <summary>It is a PCI device.</summary>
    Pci = 2,

    /// <summary>The answer has a chain of capabilities.</summary>
    Capabilities = 1 << 7,
}

/// <summary>The atomic operations that the root port completes for a device (<c>VFIO_PCI_ATOMIC_COMP*</c>).</summary>
[Flags]
public enum VfioAtomicOps
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Of 32 bits.</summary>
    Completes32 = 1,

    /// <summary>Of 64 bits.</summary>
    Completes64 = 2,

    /// <summary>Compare-and-swap of 128 bits.</summary>
    Completes128 = 4,
}

/// <summary>The answer of <c>VFIO_DEVICE_GET_INFO</c> (<c>struct vfio_device_info</c>).</summary>
/// <param name="ArgumentSize">What <c>argsz</c> comes back as: more than was given if capabilities did not fit.</param>
/// <param name="Flags">What the device is.</param>
/// <param name="Regions">Its regions.</param>
/// <param name="Interrupts">Its interrupt indexes.</param>
/// <param name="AtomicOps">
/// What <c>VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP</c> says (id 5, version 1; Linux 6.12), if the answer carries it.
/// </param>
public readonly record struct VfioDeviceInfo(
    uint ArgumentSize, VfioDeviceFlags Flags, int Regions, int Interrupts, VfioAtomicOps AtomicOps = VfioAtomicOps.None)
{
    /// <summary>The least <c>argsz</c>: the structure as it was before there were capabilities.</summary>
    public const uint LeastArgumentSize = 16;

    /// <summary>An <c>argsz</c> that has room for the capabilities too.</summary>
    public const uint FullArgumentSize = 40;

    /// <summary>Bytes of the structure, behind which the capabilities lie.</summary>
    internal const uint StructureSize = 24;

    private const int InterruptIndexes = 5;

    internal static VfioDeviceInfo Of(bool isResettable, VfioAtomicOps atomics, uint argumentSize)
    {
        bool hasCapability = atomics != VfioAtomicOps.None;
        bool fits = !hasCapability || argumentSize >= FullArgumentSize;
        return new VfioDeviceInfo(
            fits ? argumentSize : FullArgumentSize,
            VfioDeviceFlags.Pci
                | (isResettable ? VfioDeviceFlags.Reset : VfioDeviceFlags.None)
                | (hasCapability ? VfioDeviceFlags.Capabilities : VfioDeviceFlags.None),
            VfioRegion.Count,
            InterruptIndexes,
            fits ? atomics : VfioAtomicOps.None);
    }
}
