namespace VfioPm;

// Who wakes whom.
internal static partial class PciPm
{
    /// <summary>Prepares a function to wake the system from a state, or undoes that (<c>__pci_enable_wake()</c>).</summary>
    public static void EnableWake(PciDevice device, PowerState state, bool enable)
    {
        PciWakeup wakeup = device.Wakeup;
        if (!IsPowerManageable(device) || enable == wakeup.IsPrepared)
        {
            return;
        }

        if (!enable)
        {
            SetPmeActive(device, false);
            wakeup.IsPrepared = false;
            return;
        }

        // From D3cold too: the function may end up there when a bridge above loses its power.
        bool canSignal = device.Power.Pm is { } pm && (pm.SupportsPmeFrom(state) || pm.SupportsPmeFrom(PowerState.D3Cold));
        if (canSignal)
        {
            SetPmeActive(device, true);
        }

        wakeup.IsPrepared = canSignal || device.Platform is { CanWake: true };
    }

    /// <summary>Lets a function assert PME#, and polls it meanwhile (<c>pci_pme_active()</c>).</summary>
    public static void SetPmeActive(PciDevice device, bool enable)
    {
        device.Wakeup.SetPmeEnable(enable);
        if (device.Power.Pm is { SupportsPme: true })
        {
            device.Bus.PollForPme(device, enable);
        }
    }

    /// <summary>
    /// Whether a suspended function could ask to be woken (<c>pci_dev_run_wake()</c>): by itself or through a
    /// bridge above.
    /// </summary>
    private static bool CanWakeAtRunTime(PciDevice function)
    {
        PciPower power = function.Power;
        if (power.Pm is not { SupportsPme: true } || !power.Pm.SupportsPmeFrom(power.ChooseTarget(wakes: true)))
        {
            return false;
        }

        for (PciDevice? device = function; device is not null; device = device.Upstream)
        {
            if (device.CanWakeUp)
            {
                return true;
            }
        }

        return false;
    }
}
