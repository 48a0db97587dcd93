namespace VfioPm;

/// <summary>Registers of the PCI Express capability (PCI Express Base, section 7.5.3).</summary>
public static class ExpressRegisters
{
    /// <summary>PCI Express Capabilities, 16 bits: version and port type.</summary>
    public const int Flags = 2;

    /// <summary>Flags: a slot hangs on this port.</summary>
    public const ushort FlagsSlot = 0x0100;

    /// <summary>Device Capabilities, 32 bits.</summary>
    public const int DeviceCapabilities = 4;

    /// <summary>Device Capabilities: the function can be reset alone.</summary>
    public const uint DeviceCapabilitiesFlr = 0x1000_0000;

    /// <summary>Device Control, 16 bits.</summary>
    public const int DeviceControl = 8;

    /// <summary>Device Control: reset this function; reads zero.</summary>
    public const ushort DeviceControlInitiateFlr = 0x8000;

    /// <summary>Link Control, 16 bits.</summary>
    public const int LinkControl = 0x10;
}
