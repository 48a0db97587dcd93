namespace VfioPm.Server;

/// <summary>The commands of vfio-user (QEMU's <c>docs/interop/vfio-user.rst</c>, section Commands).</summary>
internal enum Command : ushort
{
    Version = 1,
    DmaMap = 2,
    DmaUnmap = 3,
    DeviceGetInfo = 4,
    DeviceGetRegionInfo = 5,
    DeviceGetRegionIoFds = 6,
    DeviceGetIrqInfo = 7,
    DeviceSetIrqs = 8,
    RegionRead = 9,
    RegionWrite = 10,

    /// <summary>From server to client only.</summary>
    DmaRead = 11,

    /// <summary>From server to client only.</summary>
    DmaWrite = 12,

    DeviceReset = 13,
    RegionWriteMulti = 15,
    DeviceFeature = 16,
    MigrationDataRead = 17,
    MigrationDataWrite = 18,
}
