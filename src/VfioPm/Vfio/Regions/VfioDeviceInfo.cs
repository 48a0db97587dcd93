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
}

/// <summary>The answer of <c>VFIO_DEVICE_GET_INFO</c> (<c>struct vfio_device_info</c>).</summary>
/// <param name="ArgumentSize">What <c>argsz</c> comes back as: what was given.</param>
/// <param name="Flags">What the device is.</param>
/// <param name="Regions">Its regions.</param>
/// <param name="Interrupts">Its interrupt indexes.</param>
public readonly record struct VfioDeviceInfo(uint ArgumentSize, VfioDeviceFlags Flags, int Regions, int Interrupts)
{
    /// <summary>The least <c>argsz</c>: the structure without capabilities.</summary>
    public const uint LeastArgumentSize = 20;

    private const int InterruptIndexes = 5;

    /// <summary>Answers the ioctl (<c>vfio_pci_ioctl_get_info()</c>).</summary>
    /// <returns>Success, or <see cref="Errno.EINVAL"/> if <paramref name="argumentSize"/> is too small.</returns>
    internal static KernelResult Get(bool isResettable, uint argumentSize, out VfioDeviceInfo info)
    {
        info = default;
        if (argumentSize < LeastArgumentSize)
        {
            return Errno.EINVAL;
        }

        info = new VfioDeviceInfo(
            argumentSize,
            VfioDeviceFlags.Pci | (isResettable ? VfioDeviceFlags.Reset : VfioDeviceFlags.None),
            VfioRegion.Count,
            InterruptIndexes);
        return KernelResult.Success;
    }
}
