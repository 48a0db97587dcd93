namespace VfioPm;

/// <summary>
/// The Power Management capability of a function (PCI Power Management 1.2, section 3.2), read from its
/// registers as they are now.
/// </summary>
public sealed class PmCapability
{
    // PMC bits 8:6, in milliamperes (PCI Power Management 1.2, table 5).
    private static readonly int[] AuxCurrents = [0, 55, 100, 160, 220, 270, 320, 375];

    private readonly ConfigurationSpace _space;

    private PmCapability(ConfigurationSpace space, int offset)
    {
        _space = space;
        Offset = offset;
    }

    /// <summary>Where the capability begins.</summary>
    public int Offset { get; }

    /// <summary>Where PMCSR is.</summary>
    public int ControlStatusOffset => Offset + PmRegisters.ControlStatus;

    /// <summary>The PMC register.</summary>
    public ushort Capabilities => (ushort)_space.ReadRegister(Offset + PmRegisters.Capabilities, 2);

    /// <summary>The version of the specification that the function follows: 3 for 1.2.</summary>
    public int Version => Capabilities & 0x7;

    /// <summary>Whether PME# needs the bus clock.</summary>
    public bool PmeClock => (Capabilities & 0x0008) != 0;

    /// <summary>Whether the function needs its driver to initialise it in a way of its own.</summary>
    public bool DeviceSpecificInitialization => (Capabilities & 0x0020) != 0;

    /// <summary>What the function draws from the auxiliary supply, in milliamperes.</summary>
    public int AuxCurrentMilliamps => AuxCurrents[(Capabilities >> 6) & 0x7];

    /// <summary>Whether the function has D1.</summary>
    public bool SupportsD1 => (Capabilities & 0x0200) != 0;

    /// <summary>Whether the function has D2.</summary>
    public bool SupportsD2 => (Capabilities & 0x0400) != 0;

    /// <summary>Whether the function can assert PME# from any state at all.</summary>
    public bool SupportsPme => (Capabilities & PmRegisters.PmeSupportMask) != 0;

    /// <summary>The PMCSR register.</summary>
    public ushort ControlStatus => (ushort)_space.ReadRegister(ControlStatusOffset, 2);

    /// <summary>The power state in PMCSR.</summary>
    public PowerState State => (PowerState)(ControlStatus & PmRegisters.StateMask);

    /// <summary>Whether the registers survive D3hot.</summary>
    public bool NoSoftReset => (ControlStatus & PmRegisters.NoSoftReset) != 0;

    /// <summary>Whether PME# may be asserted.</summary>
    public bool PmeEnabled => (ControlStatus & PmRegisters.PmeEnable) != 0;

    /// <summary>Whether there was a reason to assert PME#, enabled or not.</summary>
    public bool PmeStatus => (ControlStatus & PmRegisters.PmeStatus) != 0;

    /// <summary>What the data register shows (Data_Select).</summary>
    public int DataSelect => (ControlStatus & PmRegisters.DataSelectMask) >> 9;

    /// <summary>The unit of the data register (Data_Scale).</summary>
    public int DataScale => (ControlStatus >> 13) & 0x3;

    /// <summary>The capability, or null where there is none, or a broken chain puts it right before the end.</summary>
    internal static PmCapability? Find(ConfigurationSpace space, CapabilityList capabilities) =>
        capabilities.Find(CapabilityId.PowerManagement) is { Offset: int offset }
        && space.Reaches(offset + PmRegisters.ControlStatus, 2)
            ? new PmCapability(space, offset)
            : null;

    /// <summary>The same capability of a fork's registers.</summary>
    internal PmCapability In(ConfigurationSpace space) => new(space, Offset);

    /// <summary>Whether the function has this state.</summary>
    public bool Supports(PowerState state) => state switch
    {
        PowerState.D1 => SupportsD1,
        PowerState.D2 => SupportsD2,
        PowerState.D0 or PowerState.D3Hot or PowerState.D3Cold => true,
        _ => false,
    };

    /// <summary>Whether the function can assert PME# from this state.</summary>
    public bool SupportsPmeFrom(PowerState state) =>
        state <= PowerState.D3Cold && (Capabilities & (0x0800 << (int)state)) != 0;
}
