using System.Runtime.InteropServices;

namespace VfioPm.Server;

// The payloads of messages, field by field as they lie in them (section Protocol Specification).

/// <summary>The beginning of <c>VFIO_USER_VERSION</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct VersionStructure(ushort Major, ushort Minor);

/// <summary><c>VFIO_USER_DMA_MAP</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct DmaMapStructure(uint ArgumentSize, uint Flags, ulong Offset, ulong Address, ulong Size);

/// <summary><c>VFIO_USER_DMA_UNMAP</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct DmaUnmapStructure(uint ArgumentSize, uint Flags, ulong Address, ulong Size);

/// <summary><c>VFIO_USER_DEVICE_GET_INFO</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct DeviceInfoStructure(uint ArgumentSize, uint Flags, uint RegionCount, uint IrqCount);

/// <summary><c>VFIO_USER_DEVICE_GET_REGION_INFO</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct RegionInfoStructure(
    uint ArgumentSize, uint Flags, uint Index, uint CapabilityOffset, ulong Size, ulong Offset);

/// <summary><c>VFIO_USER_DEVICE_GET_REGION_IO_FDS</c>, without sub-regions.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct RegionIoFdsStructure(uint ArgumentSize, uint Flags, uint Index, uint Count);

/// <summary><c>VFIO_USER_DEVICE_GET_IRQ_INFO</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct IrqInfoStructure(uint ArgumentSize, uint Flags, uint Index, uint Count);

/// <summary><c>VFIO_USER_DEVICE_SET_IRQS</c>, in front of its data.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct IrqSetStructure(uint ArgumentSize, uint Flags, uint Index, uint Start, uint Count);

/// <summary><c>VFIO_USER_REGION_READ</c> and <c>_WRITE</c>, in front of the data.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct RegionAccessStructure(ulong Offset, uint Region, uint Count);

/// <summary>One write of <c>VFIO_USER_REGION_WRITE_MULTI</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct SingleWriteStructure(RegionAccessStructure Access, ulong Data);

/// <summary><c>VFIO_USER_DEVICE_FEATURE</c>, in front of its data.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct FeatureStructure(uint ArgumentSize, uint Flags);
