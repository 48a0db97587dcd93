namespace VfioPm;

/// <summary>Registers of the SR-IOV extended capability (PCI Express Base, section 9.3.3).</summary>
public static class SriovRegisters
{
    /// <summary>Control, 16 bits.</summary>
    public const int Control = 0x08;

    /// <summary>Control: the virtual functions are there (VF Enable).</summary>
    public const ushort ControlVfEnable = 0x0001;

    /// <summary>Control: their BARs answer (VF MSE).</summary>
    public const ushort ControlVfMemory = 0x0008;

    /// <summary>Control: virtual functions may have numbers above 7 (ARI Capable Hierarchy).</summary>
    public const ushort ControlAri = 0x0010;

    /// <summary>How many virtual functions there are at first, 16 bits.</summary>
    public const int InitialVfs = 0x0c;

    /// <summary>How many there can be, 16 bits.</summary>
    public const int TotalVfs = 0x0e;

    /// <summary>How many software wants, 16 bits.</summary>
    public const int NumVfs = 0x10;

    /// <summary>The first one's routing identifier, counted from the physical function's, 16 bits.</summary>
    public const int FirstVfOffset = 0x14;

    /// <summary>The next one's, counted from the one before, 16 bits.</summary>
    public const int VfStride = 0x16;

    /// <summary>The virtual functions' device ID, 16 bits.</summary>
    public const int VfDeviceId = 0x1a;

    /// <summary>The page sizes that the BARs can be aligned to, 32 bits.</summary>
    public const int SupportedPageSizes = 0x1c;

    /// <summary>The page size that they are aligned to, 32 bits.</summary>
    public const int SystemPageSize = 0x20;

    /// <summary>The first of six base address registers that all virtual functions share, 32 bits.</summary>
    public const int VfBaseAddress0 = 0x24;

    /// <summary>The capability's bytes.</summary>
    public const int Size = 0x40;
}
