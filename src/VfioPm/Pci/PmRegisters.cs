namespace VfioPm;

/// <summary>Registers of the Power Management capability (PCI Power Management 1.2, section 3.2).</summary>
public static class PmRegisters
{
    /// <summary>Bytes of the capability.</summary>
    public const int Size = 8;

    /// <summary>Power Management Capabilities (PMC), 16 bits.</summary>
    public const int Capabilities = 2;

    /// <summary>PMC: the states that PME# can be asserted from, D0 first.</summary>
    public const ushort PmeSupportMask = 0xf800;

    /// <summary>PMC: PME# can be asserted from D3cold.</summary>
    public const ushort PmeSupportD3Cold = 0x8000;

    /// <summary>Control and status (PMCSR), 16 bits.</summary>
    public const int ControlStatus = 4;

    /// <summary>PMCSR: the power state.</summary>
    public const ushort StateMask = 0x0003;

    /// <summary>PMCSR: registers survive D3hot.</summary>
    public const ushort NoSoftReset = 0x0008;

    /// <summary>PMCSR: PME# may be asserted.</summary>
    public const ushort PmeEnable = 0x0100;

    /// <summary>PMCSR: what the data register shows.</summary>
    public const ushort DataSelectMask = 0x1e00;

    /// <summary>PMCSR and what follows it: Data_Select, Data_Scale and Data.</summary>
    internal const uint AllOfData = 0xff00_7e00;

    /// <summary>PMCSR: a reason for PME# was there; write one to clear.</summary>
    public const ushort PmeStatus = 0x8000;
}
