namespace VfioPm;

// PME# and the permission to use it (drivers/pci/pci.c, "wakeup").
public sealed partial class PciDevice
{
    /// <summary>
    /// Whether the function can wake anybody at all (<c>device_can_wakeup()</c>). The PME service of a root port takes
    /// that for granted of all below it (<c>pcie_pme_mark_devices()</c>).
    /// </summary>
    public bool CanWakeUp =>
        Pm is { SupportsPme: true } || Platform is { CanWake: true } || IsExpressPort || Upstream is { IsExpressPort: true };

    /// <summary>Whether user space wants it to (sysfs <c>power/wakeup</c>, <c>device_may_wakeup()</c>).</summary>
    public bool MayWakeUp { get; internal set; }

    /// <summary>Whether the function is set up to wake the system.</summary>
    internal bool WakeupPrepared { get; private set; }

    /// <summary>Functions can always be managed, bridges only where D3 is allowed (<c>pci_power_manageable()</c>).</summary>
    private bool IsPowerManageable => !IsBridge || BridgeD3;

    /// <summary>
    /// Whether a suspended function could ask to be woken (<c>pci_dev_run_wake()</c>): by itself or through a
    /// bridge above.
    /// </summary>
    internal bool CanWakeAtRunTime
    {
        get
        {
            if (Pm is not { SupportsPme: true } || !Pm.SupportsPmeFrom(ChooseTargetState(wakes: true)))
            {
                return false;
            }

            for (PciDevice? device = this; device is not null; device = device.Upstream)
            {
                if (device.CanWakeUp)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Prepares the function to wake the system from a state, or undoes that (<c>__pci_enable_wake()</c>).</summary>
    internal void EnableWake(PowerState state, bool enable)
    {
        if (!IsPowerManageable || enable == WakeupPrepared)
        {
            return;
        }

        if (!enable)
        {
            SetPmeActive(false);
            WakeupPrepared = false;
            return;
        }

        // From D3cold too: the function may end up there when a bridge above loses its power.
        bool canSignal = Pm is not null && (Pm.SupportsPmeFrom(state) || Pm.SupportsPmeFrom(PowerState.D3Cold));
        if (canSignal)
        {
            SetPmeActive(true);
        }

        WakeupPrepared = canSignal || Platform is { CanWake: true };
    }

    /// <summary>After a resume PME is set as it was to be, since a reset may have changed it (<c>pci_pme_restore()</c>).</summary>
    internal void RestorePme()
    {
        if (Pm is not { SupportsPme: true })
        {
            return;
        }

        if (WakeupPrepared)
        {
            WritePmcsr(((int)ReadConfig(Pm.ControlStatusOffset, 2) | PmRegisters.PmeEnable) & ~PmRegisters.PmeStatus);
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
    internal bool TakePme()
    {
        int pmcsr = (int)ReadConfig(Pm!.ControlStatusOffset, 2);
        if ((pmcsr & PmRegisters.PmeStatus) == 0)
        {
            return false;
        }

        WritePmcsr(pmcsr & ~PmRegisters.PmeEnable);
        return (pmcsr & PmRegisters.PmeEnable) != 0;
    }

    /// <summary>Lets the function assert PME#, and polls it meanwhile (<c>pci_pme_active()</c>).</summary>
    private void SetPmeActive(bool enable)
    {
        SetPmeEnable(enable);
        if (Pm is { SupportsPme: true })
        {
            Topology.PmePolling.Set(this, enable);
        }
    }

    /// <summary>Clears PME_Status, which is done by writing it, and sets PME_En (<c>__pci_pme_active()</c>).</summary>
    private void SetPmeEnable(bool enable)
    {
        if (Pm is not { SupportsPme: true })
        {
            return;
        }

        int pmcsr = (int)ReadConfig(Pm.ControlStatusOffset, 2) | PmRegisters.PmeStatus | PmRegisters.PmeEnable;
        WritePmcsr(enable ? pmcsr : pmcsr & ~PmRegisters.PmeEnable);
    }
}
