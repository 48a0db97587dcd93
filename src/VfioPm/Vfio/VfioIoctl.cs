namespace VfioPm;

/// <summary>
/// The ioctls of a vfio-pci device (<c>VFIO_DEVICE_*</c>) by the numbers that user space calls them by:
/// <c>_IO(';', 100 + n)</c>.
/// </summary>
public enum VfioIoctl : uint
{
    /// <summary><c>VFIO_DEVICE_GET_INFO</c>, with a <c>struct vfio_device_info</c>.</summary>
    DeviceGetInfo = 0x3b6b,

    /// <summary><c>VFIO_DEVICE_GET_REGION_INFO</c>, with a <c>struct vfio_region_info</c>.</summary>
    DeviceGetRegionInfo = 0x3b6c,

    /// <summary><c>VFIO_DEVICE_GET_IRQ_INFO</c>, with a <c>struct vfio_irq_info</c>.</summary>
    DeviceGetIrqInfo = 0x3b6d,

    /// <summary><c>VFIO_DEVICE_SET_IRQS</c>, with a <c>struct vfio_irq_set</c>.</summary>
    DeviceSetIrqs = 0x3b6e,

    /// <summary><c>VFIO_DEVICE_RESET</c>, without an argument.</summary>
    DeviceReset = 0x3b6f,

    /// <summary><c>VFIO_DEVICE_GET_PCI_HOT_RESET_INFO</c>, with a <c>struct vfio_pci_hot_reset_info</c>.</summary>
    DeviceGetPciHotResetInfo = 0x3b70,

    /// <summary><c>VFIO_DEVICE_PCI_HOT_RESET</c>, with a <c>struct vfio_pci_hot_reset</c>.</summary>
    DevicePciHotReset = 0x3b71,

    /// <summary><c>VFIO_DEVICE_IOEVENTFD</c>, with a <c>struct vfio_device_ioeventfd</c>.</summary>
    DeviceIoEventFd = 0x3b74,

    /// <summary><c>VFIO_DEVICE_FEATURE</c>, with a <c>struct vfio_device_feature</c>.</summary>
    DeviceFeature = 0x3b75,

    /// <summary><c>VFIO_DEVICE_BIND_IOMMUFD</c>, with a <c>struct vfio_device_bind_iommufd</c> (Linux 6.6).</summary>
    DeviceBindIommufd = 0x3b76,

    /// <summary><c>VFIO_DEVICE_ATTACH_IOMMUFD_PT</c>, with a <c>struct vfio_device_attach_iommufd_pt</c> (Linux 6.6).</summary>
    DeviceAttachIommufdPt = 0x3b77,

    /// <summary><c>VFIO_DEVICE_DETACH_IOMMUFD_PT</c>, with a <c>struct vfio_device_detach_iommufd_pt</c> (Linux 6.6).</summary>
    DeviceDetachIommufdPt = 0x3b78,
}
