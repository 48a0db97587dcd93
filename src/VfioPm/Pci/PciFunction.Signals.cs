namespace VfioPm;

/// <content>What the function signals by itself: its interrupt pin and PME#.</content>
public sealed partial class PciFunction
{
    /// <summary>Whether an interrupt is pending, whether or not the pin may show it (Status, bit 3).</summary>
    public bool InterruptStatus => _space.Has(PciRegisters.Status, 2, PciRegisters.StatusInterrupt);

    /// <summary>Whether the interrupt pin is asserted: pending, not disabled in Command, and there is a pin.</summary>
    public bool IsInterruptPinAsserted =>
        InterruptStatus
        && _space.Read(PciRegisters.InterruptPin, 1) != 0
        && !_space.Has(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);

    /// <summary>Whether PME# is asserted: there was a reason (PME_Status) and it is enabled (PME_En).</summary>
    public bool IsPmeAsserted => Pm is { PmeStatus: true, PmeEnabled: true };

    /// <summary>The device wants an interrupt; a function without power cannot.</summary>
    public void AssertInterrupt() => SetInterrupt(pending: true);

    /// <summary>The device no longer wants an interrupt.</summary>
    public void DeassertInterrupt() => SetInterrupt(pending: false);

    /// <summary>
    /// The device has a reason to wake the machine: PME_Status is latched if PME# is supported from the present
    /// state (PCI Power Management 1.2, section 3.2.4).
    /// </summary>
    /// <returns>Whether PME# is asserted now.</returns>
    public bool AssertPme()
    {
        lock (_clock.Gate)
        {
            if (Pm is null || !Pm.SupportsPmeFrom(PowerState))
            {
                return false;
            }

            _space.SetBits(Pm.ControlStatusOffset, PmRegisters.PmeStatus, set: true);
            return IsPmeAsserted;
        }
    }

    private void SetInterrupt(bool pending)
    {
        lock (_clock.Gate)
        {
            if (HasPower)
            {
                _space.SetBits(PciRegisters.Status, PciRegisters.StatusInterrupt, pending);
            }
        }
    }
}
