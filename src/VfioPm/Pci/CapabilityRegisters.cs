namespace VfioPm;

/// <summary>Identifiers of standard capabilities (PCI Code and ID Assignment, chapter 2).</summary>
public static class CapabilityId
{
    /// <summary>Power Management.</summary>
    public const int PowerManagement = 0x01;

    /// <summary>Message Signalled Interrupts.</summary>
    public const int Msi = 0x05;

    /// <summary>PCI Express.</summary>
    public const int Express = 0x10;

    /// <summary>MSI-X.</summary>
    public const int MsiX = 0x11;

    /// <summary>Conventional PCI Advanced Features.</summary>
    public const int AdvancedFeatures = 0x13;
}

/// <summary>Identifiers of extended capabilities (PCI Code and ID Assignment, chapter 3).</summary>
public static class ExtendedCapabilityId
{
    /// <summary>Advanced Error Reporting.</summary>
    public const int AdvancedErrorReporting = 0x0001;
}

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

    /// <summary>PMCSR: a reason for PME# was there; write one to clear.</summary>
    public const ushort PmeStatus = 0x8000;
}

/// <summary>What a PCI Express function is (PCI Express Base, section 7.5.3.2: Device/Port Type).</summary>
public enum ExpressPortType
{
    /// <summary>An endpoint.</summary>
    Endpoint = 0,

    /// <summary>An endpoint that still needs I/O space.</summary>
    LegacyEndpoint = 1,

    /// <summary>A port of the root complex.</summary>
    RootPort = 4,

    /// <summary>A switch's port towards the root.</summary>
    UpstreamPort = 5,

    /// <summary>A switch's port away from the root.</summary>
    DownstreamPort = 6,

    /// <summary>A bridge to conventional PCI.</summary>
    PciBridge = 7,

    /// <summary>A bridge from conventional PCI.</summary>
    PcieBridge = 8,

    /// <summary>An endpoint inside the root complex.</summary>
    IntegratedEndpoint = 9,

    /// <summary>An event collector of the root complex.</summary>
    EventCollector = 10,
}

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

/// <summary>Registers of the Advanced Features capability (PCI SIG ECN "Advanced Capabilities", 2006).</summary>
public static class AdvancedFeaturesRegisters
{
    /// <summary>AF Capabilities, 8 bits.</summary>
    public const int Capabilities = 3;

    /// <summary>AF Capabilities: the function can be reset alone.</summary>
    public const byte CapabilitiesFlr = 0x02;

    /// <summary>AF Control, 8 bits.</summary>
    public const int Control = 4;

    /// <summary>AF Control: reset this function; reads zero.</summary>
    public const byte ControlInitiateFlr = 0x01;
}
