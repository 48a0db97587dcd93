namespace VfioPm;

/// <summary>What a device is (<c>VFIO_DEVICE_FLAGS_*</c>).</summary>
[Flags]
internal enum DeviceFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>VFIO_DEVICE_RESET</c> works.</summary>
    Reset = 1,

    /// <summary>It is a PCI device.</summary>
    Pci = 2,
}

/// <summary>The answer of <c>VFIO_DEVICE_GET_INFO</c> (<c>struct vfio_device_info</c>).</summary>
/// <param name="Flags">What the device is.</param>
/// <param name="Regions">Its regions.</param>
/// <param name="Interrupts">Its interrupt indexes.</param>
internal readonly record struct DeviceInfo(DeviceFlags Flags, int Regions, int Interrupts)
{
    private const uint LeastArgumentSize = 20;
    private const int InterruptIndexes = 5;

    /// <summary>Answers the ioctl (<c>vfio_pci_ioctl_get_info()</c>).</summary>
    /// <returns>Success, or <see cref="Errno.EINVAL"/> if <paramref name="argumentSize"/> is too small.</returns>
    public static KernelResult Get(bool isResettable, uint argumentSize, out DeviceInfo info)
    {
        info = new DeviceInfo(
            DeviceFlags.Pci | (isResettable ? DeviceFlags.Reset : DeviceFlags.None),
            RegionIndex.Count,
            InterruptIndexes);
        return argumentSize < LeastArgumentSize ? Errno.EINVAL : KernelResult.Success;
    }
}
