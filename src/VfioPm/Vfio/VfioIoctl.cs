namespace VfioPm;

/// <summary>The ioctls of a vfio-pci device (<c>VFIO_DEVICE_*</c>), by their numbers after <c>VFIO_BASE</c>.</summary>
public enum VfioIoctl
{
    /// <summary><c>VFIO_DEVICE_GET_INFO</c>.</summary>
    DeviceGetInfo = 7,

    /// <summary><c>VFIO_DEVICE_GET_REGION_INFO</c>.</summary>
    DeviceGetRegionInfo = 8,

    /// <summary><c>VFIO_DEVICE_GET_IRQ_INFO</c>.</summary>
    DeviceGetIrqInfo = 9,

    /// <summary><c>VFIO_DEVICE_SET_IRQS</c>.</summary>
    DeviceSetIrqs = 10,

    /// <summary><c>VFIO_DEVICE_RESET</c>.</summary>
    DeviceReset = 11,

    /// <summary><c>VFIO_DEVICE_GET_PCI_HOT_RESET_INFO</c>.</summary>
    DeviceGetPciHotResetInfo = 12,

    /// <summary><c>VFIO_DEVICE_PCI_HOT_RESET</c>.</summary>
    DevicePciHotReset = 13,

    /// <summary><c>VFIO_DEVICE_IOEVENTFD</c>.</summary>
    DeviceIoEventFd = 16,

    /// <summary><c>VFIO_DEVICE_FEATURE</c>.</summary>
    DeviceFeature = 17,
}
