namespace VfioPm;

/// <summary>Registers of MSI and MSI-X (PCI Local Bus 3.0, section 6.8).</summary>
public static class MsiRegisters
{
    /// <summary>Message Control of MSI and MSI-X, 16 bits.</summary>
    public const int MessageControl = 2;

    /// <summary>MSI Message Control: addresses have 64 bits.</summary>
    public const ushort Address64 = 0x0080;

    /// <summary>MSI Message Control: vectors can be masked one by one.</summary>
    public const ushort Maskable = 0x0100;

    /// <summary>MSI Message Control: messages are sent instead of interrupts.</summary>
    public const ushort Enable = 0x0001;

    /// <summary>MSI Message Control: the base-2 logarithm of the vectors that the function asks for.</summary>
    public const ushort MultipleCapable = 0x000e;

    /// <summary>MSI Message Control: the base-2 logarithm of the vectors that software gives.</summary>
    public const ushort MultipleEnable = 0x0070;

    /// <summary>MSI Message Address, 32 bits; with 64-bit addresses the upper half follows.</summary>
    public const int Address = 4;

    /// <summary>MSI Message Upper Address, 32 bits, where there is one.</summary>
    public const int UpperAddress = 8;

    /// <summary>MSI-X Message Control: messages are sent instead of interrupts.</summary>
    public const ushort MsiXEnable = 0x8000;

    /// <summary>MSI-X Message Control: all vectors are masked.</summary>
    public const ushort MsiXMaskAll = 0x4000;

    /// <summary>MSI-X Message Control: one less than the entries of the table.</summary>
    public const ushort MsiXTableSize = 0x07ff;

    /// <summary>MSI-X: where the table is, 32 bits.</summary>
    public const int MsiXTable = 4;

    /// <summary>MSI-X Table: the BAR that holds it; the other bits are the offset.</summary>
    public const uint MsiXTableBar = 0x7;

    /// <summary>Bytes of an entry of the MSI-X table: address (64 bits), data, control (32 bits each).</summary>
    public const int MsiXEntrySize = 16;

    /// <summary>MSI-X table entry: the message's data.</summary>
    public const int MsiXEntryData = 8;

    /// <summary>MSI-X table entry: vector control.</summary>
    public const int MsiXEntryControl = 12;

    /// <summary>MSI-X vector control: the vector is masked.</summary>
    public const uint MsiXEntryMasked = 0x1;

    /// <summary>MSI Message Data, 16 bits: where it is depends on the width of addresses.</summary>
    public static int DataOffset(uint messageControl) => (messageControl & Address64) != 0 ? 0x0c : 0x08;

    /// <summary>MSI Mask Bits, 32 bits, where vectors can be masked.</summary>
    public static int MaskOffset(uint messageControl) => (messageControl & Address64) != 0 ? 0x10 : 0x0c;
}
