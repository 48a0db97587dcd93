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
}
