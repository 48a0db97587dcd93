namespace VfioPm;

/// <summary>
/// The registers that hardware lets software write, as tables to hold against the specifications. What is not
/// in them is read-only: identification, capabilities and whatever a vendor put behind the standard registers.
/// </summary>
/// <remarks>Base address registers are not here: their writable bits follow from the size of the BAR.</remarks>
internal static class RegisterRules
{
    /// <summary>Both headers (PCI Local Bus 3.0, section 6.2; PCI Express Base, section 7.5.1.1).</summary>
    public static IReadOnlyList<RegisterRule> Header { get; } =
    [
        new(0x04, 2, Writable: 0x0547),                                // Command
        new(0x06, 2, Writable: 0, WriteOneToClear: 0xf900),            // Status
        new(0x0c, 1, Writable: 0xff),                                  // Cache Line Size
        new(0x3c, 1, Writable: 0xff),                                  // Interrupt Line
    ];

    /// <summary>What PCI Express hardwires to zero and conventional PCI does not.</summary>
    public static IReadOnlyList<RegisterRule> ConventionalHeader { get; } =
    [
        new(0x04, 2, Writable: 0x0238),                                // Command: special cycles to fast back-to-back
        new(0x0d, 1, Writable: 0xff),                                  // Latency Timer
    ];

    /// <summary>The header of bridges and ports (PCI Express Base, section 7.5.1.3).</summary>
    public static IReadOnlyList<RegisterRule> BridgeHeader { get; } =
    [
        new(0x18, 1, Writable: 0xff),                                  // Primary Bus Number
        new(0x19, 1, Writable: 0xff),                                  // Secondary Bus Number
        new(0x1a, 1, Writable: 0xff),                                  // Subordinate Bus Number
        new(0x1c, 2, Writable: 0xf0f0),                                // I/O Base, Limit
        new(0x1e, 2, Writable: 0, WriteOneToClear: 0xf900),            // Secondary Status
        new(0x20, 4, Writable: 0xfff0_fff0),                           // Memory Base, Limit
        new(0x24, 4, Writable: 0xfff0_fff0),                           // Prefetchable Base, Limit
        new(0x28, 4, Writable: 0xffff_ffff),                           // Prefetchable Base, upper half
        new(0x2c, 4, Writable: 0xffff_ffff),                           // Prefetchable Limit, upper half
        new(0x30, 4, Writable: 0xffff_ffff),                           // I/O Base, Limit, upper halves
        new(0x3e, 2, Writable: 0x005f),                                // Bridge Control
    ];

    /// <summary>What a conventional bridge has besides (PCI-to-PCI Bridge 1.2, section 3.2).</summary>
    public static IReadOnlyList<RegisterRule> ConventionalBridgeHeader { get; } =
    [
        new(0x1b, 1, Writable: 0xff),                                  // Secondary Latency Timer
        new(0x3e, 2, Writable: 0x0ba0, WriteOneToClear: 0x0400),       // Bridge Control: master abort, timers
    ];

    /// <summary>
    /// The header of virtual functions: what is not theirs, such as memory enable and BARs, is the physical function's
    /// (PCI Express Base, section 9.3.4.1).
    /// </summary>
    public static IReadOnlyList<RegisterRule> VirtualHeader { get; } =
    [
        new(0x04, 2, Writable: PciRegisters.CommandMaster),            // Command
        new(0x06, 2, Writable: 0, WriteOneToClear: 0xf900),            // Status
    ];

    /// <summary>PCI Express of virtual functions (section 9.3.5): settings are the physical function's.</summary>
    public static IReadOnlyList<RegisterRule> VirtualExpress { get; } =
    [
        new(0x0a, 2, Writable: 0, WriteOneToClear: 0x000f),            // Device Status
    ];

    /// <summary>Power Management (PCI Power Management 1.2, section 3.2.4) of a function with a data register.</summary>
    public static IReadOnlyList<RegisterRule> DataSelect { get; } =
    [
        new(0x04, 2, Writable: PmRegisters.DataSelectMask),            // PMCSR: Data_Select
    ];

    /// <summary>The power state in PMCSR, which every reset sets to D0.</summary>
    public static IReadOnlyList<RegisterRule> PowerState { get; } =
    [
        new(0x04, 2, Writable: 0x0003),
    ];

    /// <summary>PMCSR of a function that can assert PME# with main power only (section 3.2.4).</summary>
    public static IReadOnlyList<RegisterRule> PmeContext { get; } =
    [
        new(0x04, 2, Writable: 0x0100, WriteOneToClear: 0x8000, Survival: ResetSurvival.Soft), // PME_En, PME_Status
    ];

    /// <summary>PMCSR of a function that can assert PME# from D3cold: it must not forget that it woke the machine.</summary>
    public static IReadOnlyList<RegisterRule> AuxiliaryPmeContext { get; } =
    [
        new(0x04, 2, Writable: 0x0100, WriteOneToClear: 0x8000, Survival: ResetSurvival.PowerLoss),
    ];

    /// <summary>PCI Express, version 1 (PCI Express Base, sections 7.5.3.4 to 7.5.3.8), any port or endpoint.</summary>
    public static IReadOnlyList<RegisterRule> Express { get; } =
    [
        new(0x08, 2, Writable: 0x7f1f, Initial: 0x2810),               // Device Control
        new(0x08, 2, Writable: 0x00e0, Survival: ResetSurvival.FunctionLevel), // ... Max_Payload_Size
        new(0x0a, 2, Writable: 0, WriteOneToClear: 0x004f),            // Device Status
        new(0x10, 2, Writable: 0x03cb, Survival: ResetSurvival.FunctionLevel), // Link Control
    ];

    /// <summary>PCI Express of a port with something below it (sections 7.5.3.7 and 7.5.3.8).</summary>
    public static IReadOnlyList<RegisterRule> ExpressDownstreamPort { get; } =
    [
        new(0x10, 2, Writable: 0xcc10, Survival: ResetSurvival.FunctionLevel), // Link Control: disable, interrupts
        new(0x12, 2, Writable: 0, WriteOneToClear: 0xc000),            // Link Status
    ];

    /// <summary>PCI Express of a root port or event collector (sections 7.5.3.12 and 7.5.3.14).</summary>
    public static IReadOnlyList<RegisterRule> ExpressRoot { get; } =
    [
        new(0x1c, 2, Writable: 0x000f),                                // Root Control
        new(0x20, 4, Writable: 0, WriteOneToClear: 0x0001_0000),       // Root Status: PME
    ];

    /// <summary>PCI Express of one that can show who wants to be asked again (section 7.5.3.12).</summary>
    public static IReadOnlyList<RegisterRule> ExpressRetries { get; } =
    [
        new(0x1c, 2, Writable: ExpressRegisters.RootControlRetryVisible), // Root Control: software visibility
    ];

    /// <summary>PCI Express of a port with a slot (sections 7.5.3.10 and 7.5.3.11).</summary>
    public static IReadOnlyList<RegisterRule> ExpressSlot { get; } =
    [
        new(0x18, 2, Writable: 0x1fff),                                // Slot Control
        new(0x1a, 2, Writable: 0, WriteOneToClear: 0x011f),            // Slot Status
    ];

    /// <summary>PCI Express, what version 2 adds (sections 7.5.3.16 and 7.5.3.19).</summary>
    public static IReadOnlyList<RegisterRule> ExpressVersion2 { get; } =
    [
        new(0x28, 2, Writable: 0xffff),                                // Device Control 2
        new(0x30, 2, Writable: 0xffbf, Initial: null, Survival: ResetSurvival.Bus), // Link Control 2
    ];

    /// <summary>PCI-X (PCI-X Addendum 2.0, section 7.2).</summary>
    public static IReadOnlyList<RegisterRule> PciX { get; } =
    [
        new(0x02, 2, Writable: 0x007f, Initial: null),                 // Command
    ];

    /// <summary>Vital Product Data (PCI Local Bus 3.0, appendix I).</summary>
    public static IReadOnlyList<RegisterRule> VitalProductData { get; } =
    [
        new(VpdRegisters.Address, 2, Writable: 0xffff),
        new(VpdRegisters.Data, 4, Writable: 0xffff_ffff),
    ];

    /// <summary>MSI, what all four forms share (PCI Local Bus 3.0, section 6.8.1).</summary>
    public static IReadOnlyList<RegisterRule> Msi { get; } =
    [
        new(0x02, 2, Writable: 0x0071),                                // Message Control: enable, vectors
        new(0x04, 4, Writable: 0xffff_fffc),                           // Message Address
    ];

    /// <summary>MSI with addresses of 32 bits.</summary>
    public static IReadOnlyList<RegisterRule> Msi32Bit { get; } =
    [
        new(0x08, 2, Writable: 0xffff),                                // Message Data
    ];

    /// <summary>MSI with addresses of 64 bits.</summary>
    public static IReadOnlyList<RegisterRule> Msi64Bit { get; } =
    [
        new(0x08, 4, Writable: 0xffff_ffff),                           // Message Upper Address
        new(0x0c, 2, Writable: 0xffff),                                // Message Data
    ];

    /// <summary>MSI with addresses of 32 bits and masking.</summary>
    public static IReadOnlyList<RegisterRule> Msi32BitMask { get; } = [new(0x0c, 4, Writable: 0xffff_ffff)];

    /// <summary>MSI with addresses of 64 bits and masking.</summary>
    public static IReadOnlyList<RegisterRule> Msi64BitMask { get; } = [new(0x10, 4, Writable: 0xffff_ffff)];

    /// <summary>MSI-X (PCI Local Bus 3.0, section 6.8.2).</summary>
    public static IReadOnlyList<RegisterRule> MsiX { get; } =
    [
        new(0x02, 2, Writable: 0xc000),                                // Message Control: enable, mask all
    ];
}
