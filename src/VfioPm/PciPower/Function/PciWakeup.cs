namespace VfioPm;

/// <summary>PME# and the permission to use it (<c>drivers/pci/pci.c</c>, "wakeup").</summary>
internal sealed class PciWakeup
{
    private readonly PciFunction _hardware;
    private readonly PciPower _power;
    private readonly bool _isTakenForGranted;

    /// <param name="hardware">The function.</param>
    /// <param name="power">What the kernel knows of its power.</param>
    /// <param name="isTakenForGranted">Whether a port says that the function can wake, whatever it has itself.</param>
    public PciWakeup(PciFunction hardware, PciPower power, bool isTakenForGranted)
    {
        _hardware = hardware;
        _power = power;
        _isTakenForGranted = isTakenForGranted;
    }

    public PciWakeup(PciWakeup original, PciFunction hardware, PciPower power)
        : this(hardware, power, original._isTakenForGranted)
    {
        MayWakeUp = original.MayWakeUp;
        IsPrepared = original.IsPrepared;
    }

    /// <summary>
    /// Whether the function can wake anybody at all (<c>device_can_wakeup()</c>). The PME service of a root port takes
    /// that for granted of all that are below it when it begins (<c>pcie_pme_mark_devices()</c>).
    /// </summary>
    public bool CanWakeUp =>
        _isTakenForGranted || _power.Pm is { SupportsPme: true } || _power.Platform is { CanWake: true };

    /// <summary>Whether user space wants it to (sysfs <c>power/wakeup</c>, <c>device_may_wakeup()</c>).</summary>
    public bool MayWakeUp { get; set; }

    /// <summary>Whether the function is set up to wake the system (<c>wakeup_prepared</c>).</summary>
    public bool IsPrepared { get; set; }

    /// <summary>Whether the function can still wake the system when it has no power, where it is asked to.</summary>
    public bool AllowsD3Cold => !MayWakeUp || (_power.Pm?.SupportsPmeFrom(PowerState.D3Cold) ?? false);

    /// <summary>After a resume PME is set as it was to be, since a reset may have changed it (<c>pci_pme_restore()</c>).</summary>
    public void Restore()
    {
        if (_power.Pm is not { SupportsPme: true })
        {
            return;
        }

        if (IsPrepared)
        {
            _power.WritePmcsr((Read() | PmRegisters.PmeEnable) & ~PmRegisters.PmeStatus);
        }
        else
        {
            SetPmeEnable(false);
        }
    }

    /// <summary>
    /// Looks whether the function asserts PME#, and takes that back (<c>pci_check_pme_status()</c>): PME_Status is
    /// cleared, and PME_En too, so that it does not come again before the function is awake.
    /// </summary>
    public bool TakePme()
    {
        int pmcsr = Read();
        if ((pmcsr & PmRegisters.PmeStatus) == 0)
        {
            return false;
        }

        _power.WritePmcsr(pmcsr & ~PmRegisters.PmeEnable);
        return (pmcsr & PmRegisters.PmeEnable) != 0;
    }

    /// <summary>Clears PME_Status, which is done by writing it, and sets PME_En (<c>__pci_pme_active()</c>).</summary>
    public void SetPmeEnable(bool enable)
    {
        if (_power.Pm is not { SupportsPme: true })
        {
            return;
        }

        int pmcsr = Read() | PmRegisters.PmeStatus | PmRegisters.PmeEnable;
        _power.WritePmcsr(enable ? pmcsr : pmcsr & ~PmRegisters.PmeEnable);
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(MayWakeUp);
        hash.Add(IsPrepared);
    }

    private int Read() => (int)_hardware.ReadCycle(_power.Pm!.ControlStatusOffset, 2);
}
