namespace VfioPm;

/// <summary>Registers of the Vital Product Data capability (PCI Local Bus 3.0, appendix I).</summary>
public static class VpdRegisters
{
    /// <summary>VPD Address, 16 bits: where, a multiple of four, and the flag.</summary>
    public const int Address = 2;

    /// <summary>
    /// VPD Address: which way. Software writes 0 to have data read and 1 to have it written; hardware turns it round
    /// when that is done.
    /// </summary>
    public const ushort AddressFlag = 0x8000;

    /// <summary>VPD Data, 32 bits.</summary>
    public const int Data = 4;

    /// <summary>The capability's bytes.</summary>
    public const int Size = 8;

    /// <summary>How many bytes can be addressed.</summary>
    public const int AddressableSize = 0x8000;
}
