namespace VfioPm;

/// <summary>
/// The registers of a type 0 header and the chains of capabilities, as far as vfio-pci's virtualisation
/// touches them (PCI Local Bus 3.0, section 6.1; PCIe Base, section 7.6).
/// </summary>
internal static class ConfigurationLayout
{
    public const int StandardSize = 0x100;
    public const int HeaderSize = 0x40;

    public const int VendorId = 0x00;
    public const int DeviceId = 0x02;
    public const int Command = 0x04;
    public const int Status = 0x06;
    public const int Bar0 = 0x10;
    public const int Rom = 0x30;
    public const int CapabilityList = 0x34;
    public const int InterruptPin = 0x3D;

    public const uint CommandIo = 0x0001;
    public const uint CommandMemory = 0x0002;
    public const uint CommandIntxDisable = 0x0400;
    public const uint StatusCapabilityList = 0x0010;

    /// <summary>The link to the next capability, from a capability's start.</summary>
    public const int CapabilityNext = 1;

    /// <summary>The shortest capability: an ID, a link and two bytes more.</summary>
    public const int ShortestCapability = 4;
}
