namespace VfioPm;

/// <summary>What quirks go by: the IDs of a function as the kernel holds them, its class and its revision.</summary>
/// <param name="Vendor">Vendor ID; of a virtual function the physical one's.</param>
/// <param name="Device">Device ID; of a virtual function what the SR-IOV capability says.</param>
/// <param name="SubsystemVendor">Subsystem Vendor ID.</param>
/// <param name="Subsystem">Subsystem ID.</param>
/// <param name="Class">Class, subclass and programming interface.</param>
/// <param name="Revision">Revision ID.</param>
/// <param name="IsMultifunction">Whether its header says that there are other functions beside it.</param>
internal readonly record struct PciIdentity(
    uint Vendor, uint Device, uint SubsystemVendor, uint Subsystem, uint Class, uint Revision, bool IsMultifunction)
{
    /// <summary>What these registers say.</summary>
    public static PciIdentity In(ConfigurationSpace found)
    {
        uint classRevision = found.Read(PciRegisters.ClassRevision, 4);
        return new PciIdentity(
            found.Read(PciRegisters.VendorId, 2),
            found.Read(PciRegisters.DeviceId, 2),
            found.IsBridge ? 0 : found.Read(PciRegisters.SubsystemVendorId, 2),
            found.IsBridge ? 0 : found.Read(PciRegisters.SubsystemId, 2),
            classRevision >> 8,
            classRevision & 0xff,
            found.Has(PciRegisters.HeaderType, 1, PciRegisters.HeaderTypeMultifunction));
    }
}
