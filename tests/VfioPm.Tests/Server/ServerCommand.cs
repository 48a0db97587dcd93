namespace VfioPm.Tests;

/// <summary>The commands of the specification, as a client has them.</summary>
public enum ServerCommand : ushort
{
    Version = 1,
    DmaMap,
    DmaUnmap,
    DeviceGetInfo,
    DeviceGetRegionInfo,
    DeviceGetRegionIoFds,
    DeviceGetIrqInfo,
    DeviceSetIrqs,
    RegionRead,
    RegionWrite,
    DmaRead,
    DmaWrite,
    DeviceReset,
    RegionWriteMulti = 15,
    DeviceFeature,
    MigrationDataRead,
    MigrationDataWrite,
}
