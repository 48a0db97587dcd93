namespace VfioPm;

/// <summary>
/// Offsets and bits of the standard configuration header (PCI Local Bus 3.0, chapter 6; PCI-to-PCI Bridge 1.2,
/// chapter 3), in the names of <c>pci_regs.h</c>.
/// </summary>
public static class PciRegisters
{
    /// <summary>Subsystem Vendor ID, 16 bits (not of a bridge).</summary>
    public const int SubsystemVendorId = 0x2c;

    /// <summary>Subsystem ID, 16 bits (not of a bridge).</summary>
    public const int SubsystemId = 0x2e;

    /// <summary>Bytes of the header; capabilities live behind it.</summary>
    public const int HeaderSize = 0x40;

    /// <summary>Bytes of a conventional configuration space; extended capabilities begin here.</summary>
    public const int ConventionalSize = 0x100;

    /// <summary>Bytes of a PCI Express configuration space.</summary>
    public const int ExtendedSize = 0x1000;

    /// <summary>Vendor ID, 16 bits.</summary>
    public const int VendorId = 0x00;

    /// <summary>Device ID, 16 bits.</summary>
    public const int DeviceId = 0x02;

    /// <summary>Command, 16 bits.</summary>
    public const int Command = 0x04;

    /// <summary>Command: answer I/O cycles.</summary>
    public const ushort CommandIo = 0x0001;

    /// <summary>Command: answer memory cycles.</summary>
    public const ushort CommandMemory = 0x0002;

    /// <summary>Command: may start cycles of its own.</summary>
    public const ushort CommandMaster = 0x0004;

    /// <summary>Command: errors are signalled (SERR# Enable).</summary>
    public const ushort CommandSerr = 0x0100;

    /// <summary>Command: the interrupt pin stays quiet.</summary>
    public const ushort CommandInterruptDisable = 0x0400;

    /// <summary>Status, 16 bits.</summary>
    public const int Status = 0x06;

    /// <summary>Status: an interrupt is pending, whatever Interrupt Disable says.</summary>
    public const ushort StatusInterrupt = 0x0008;

    /// <summary>Status: the function can be used right after a reset (PCI Express Base, section 7.5.1.1.4).</summary>
    public const ushort StatusImmediateReadiness = 0x0001;

    /// <summary>Status: there is a list of capabilities.</summary>
    public const ushort StatusCapabilityList = 0x0010;

    /// <summary>Latency Timer, 8 bits.</summary>
    public const int LatencyTimer = 0x0d;

    /// <summary>Revision and class code, 32 bits.</summary>
    public const int ClassRevision = 0x08;

    /// <summary>Header type, 8 bits.</summary>
    public const int HeaderType = 0x0e;

    /// <summary>Header type: the layout, without the bit for "several functions".</summary>
    public const byte HeaderTypeMask = 0x7f;

    /// <summary>Header Type: there are other functions beside this one.</summary>
    internal const byte HeaderTypeMultifunction = 0x80;

    /// <summary>Header type of everything that is no bridge.</summary>
    public const byte HeaderTypeNormal = 0;

    /// <summary>Header type of a PCI-to-PCI bridge, PCI Express ports among them.</summary>
    public const byte HeaderTypeBridge = 1;

    /// <summary>Header type of a CardBus bridge.</summary>
    public const byte HeaderTypeCardBus = 2;

    /// <summary>The first base address register, 32 bits.</summary>
    public const int BaseAddress0 = 0x10;

    /// <summary>Expansion ROM base address, 32 bits, where there is no bridge.</summary>
    public const int RomAddress = 0x30;

    /// <summary>Expansion ROM base address of a bridge.</summary>
    public const int BridgeRomAddress = 0x38;

    /// <summary>Expansion ROM base address: answer.</summary>
    public const uint RomAddressEnable = 0x1;

    /// <summary>Offset of the first capability, 8 bits.</summary>
    public const int CapabilityPointer = 0x34;

    /// <summary>Offset of the first capability of a CardBus bridge.</summary>
    public const int CardBusCapabilityPointer = 0x14;

    /// <summary>Interrupt line, 8 bits that belong to software.</summary>
    public const int InterruptLine = 0x3c;

    /// <summary>Interrupt pin, 8 bits: 1 for INTA# to 4 for INTD#, 0 for none.</summary>
    public const int InterruptPin = 0x3d;

    /// <summary>Bridge: the bus above, 8 bits.</summary>
    public const int PrimaryBus = 0x18;

    /// <summary>Bridge: the bus right below, 8 bits.</summary>
    public const int SecondaryBus = 0x19;

    /// <summary>Bridge: the highest bus below, 8 bits.</summary>
    public const int SubordinateBus = 0x1a;

    /// <summary>Bridge: I/O window, base and limit of 8 bits each.</summary>
    public const int IoBase = 0x1c;

    /// <summary>Bridge: what goes on on the bus below, 16 bits.</summary>
    public const int SecondaryStatus = 0x1e;

    /// <summary>Bridge: memory window, base and limit of 16 bits each.</summary>
    public const int MemoryBase = 0x20;

    /// <summary>Bridge: prefetchable window, base and limit of 16 bits each.</summary>
    public const int PrefetchableBase = 0x24;

    /// <summary>Bridge: upper halves of the prefetchable window, base and limit of 32 bits each.</summary>
    public const int PrefetchableBaseUpper = 0x28;

    /// <summary>Bridge: upper halves of the I/O window, base and limit of 16 bits each.</summary>
    public const int IoBaseUpper = 0x30;

    /// <summary>Bridge control, 16 bits.</summary>
    public const int BridgeControl = 0x3e;

    /// <summary>Bridge control: reset on the bus below.</summary>
    public const ushort BridgeControlBusReset = 0x0040;
}
