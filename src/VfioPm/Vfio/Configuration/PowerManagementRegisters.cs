namespace VfioPm;

/// <summary>The power management capability as vfio-pci traps it (PCI PM 1.2, section 3.2).</summary>
internal static class PowerManagementRegisters
{
    /// <summary>PMCSR's offset in the capability.</summary>
    public const int ControlStatus = 4;

    /// <summary>PMCSR's PowerState field.</summary>
    public const uint StateMask = 0x3;

    /// <summary>The state that a value written to PMCSR asks for.</summary>
    public static PowerState StateIn(uint controlStatus) => (PowerState)(controlStatus & StateMask);
}
