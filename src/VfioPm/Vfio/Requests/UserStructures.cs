using System.Runtime.InteropServices;

namespace VfioPm;

// The structures of linux/vfio.h that an ioctl's argument begins with, field by field as they lie in memory.

/// <summary>The part of <c>struct vfio_device_info</c> that every user has.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct DeviceInfoStart(uint ArgumentSize, uint Flags, uint RegionCount, uint IrqCount);

/// <summary><c>struct vfio_device_info</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct DeviceInfoStructure(DeviceInfoStart Start, uint CapabilityOffset, uint Padding);

/// <summary><c>struct vfio_region_info</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct RegionInfoStructure(
    uint ArgumentSize, uint Flags, uint Index, uint CapabilityOffset, ulong Size, ulong Offset);

/// <summary><c>struct vfio_irq_info</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct IrqInfoStructure(uint ArgumentSize, uint Flags, uint Index, uint Count);

/// <summary><c>struct vfio_irq_set</c>, in front of its data.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct IrqSetStructure(uint ArgumentSize, uint Flags, uint Index, uint Start, uint Count);

/// <summary><c>struct vfio_pci_hot_reset_info</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct HotResetInfoStructure(uint ArgumentSize, uint Flags, uint Count);

/// <summary><c>struct vfio_pci_dependent_device</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct DependentDeviceStructure(uint Group, ushort Segment, byte Bus, byte DeviceFunction);

/// <summary><c>struct vfio_pci_hot_reset</c>, in front of the groups' descriptors.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct HotResetStructure(uint ArgumentSize, uint Flags, uint Count);

/// <summary><c>struct vfio_device_ioeventfd</c> as far as the kernel reads it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct IoEventFdStructure(uint ArgumentSize, uint Flags, ulong Offset, ulong Data, int EventFd);

/// <summary><c>struct vfio_device_feature</c>, in front of its data.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct FeatureStructure(uint ArgumentSize, uint Flags);

/// <summary><c>struct vfio_device_low_power_entry_with_wakeup</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct LowPowerEntryStructure(int Wakeup, uint Reserved);

/// <summary><c>struct vfio_device_feature_dma_buf</c>, in front of its ranges.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct DmaBufStructure(uint Region, uint OpenFlags, uint Flags, uint Count);

/// <summary><c>struct vfio_device_bind_iommufd</c>, without the address of a token.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct BindIommufdStructure(uint ArgumentSize, uint Flags, int Iommufd, uint DeviceId);

/// <summary>What <c>struct vfio_device_attach_iommufd_pt</c> and <c>vfio_device_detach_iommufd_pt</c> begin with.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct AttachStructure(uint ArgumentSize, uint Flags);

/// <summary><c>struct vfio_info_cap_header</c>, which is all that there is of <c>VFIO_REGION_INFO_CAP_MSIX_MAPPABLE</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct CapabilityStructure(ushort Id, ushort Version, uint Next);

/// <summary><c>struct vfio_device_info_cap_pci_atomic_comp</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct AtomicCompletionStructure(CapabilityStructure Header, uint Flags, uint Reserved);
