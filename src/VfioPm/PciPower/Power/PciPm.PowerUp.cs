namespace VfioPm;

// To D0.
internal static partial class PciPm
{
    /// <summary>Brings a function to D0, first by the platform and then by PMCSR (<c>pci_power_up()</c>).</summary>
    /// <returns>1 if it lost its registers on the way, 0 if not, -EIO if PMCSR could not do it.</returns>
    private static async KernelCall<KernelResult> PowerUp(PciDevice device)
    {
        device.Power.TrySetPlatformState(PowerState.D0);
        if (device.Power.Pm is null)
        {
            return GiveUp(device, device.Power.PlatformState ?? PowerState.D0);
        }

        if (device.IsDisconnected)
        {
            return GiveUp(device, PowerState.D3Cold);
        }

        if (device.Power.ReadPmcsr() is not { } pmcsr)
        {
            PciPowerLog.Inaccessible(device.Logger, device.Name, device.PowerState.KernelName, "D0");
            return GiveUp(device, PowerState.D3Cold);
        }

        var state = (PowerState)(pmcsr & PmRegisters.StateMask);
        bool softResets = (pmcsr & PmRegisters.NoSoftReset) == 0;
        bool wasInD3 = state == PowerState.D3Hot || device.PowerState >= PowerState.D3Hot;
        if (state != PowerState.D0)
        {
            // All zeroes: D0, PME_En off, and PME_Status untouched since it is cleared by ones.
            device.Power.WritePmcsr(0);
            await device.Core.Kernel.Delay(device.Power.TransitionDelay(state));

            // After a soft reset the function may need more time than the specification's.
            if (state == PowerState.D3Hot && softResets
                && (await WaitReady(device, ReadyWait.AfterD3Hot, ReadyWait.DefaultTimeout)).IsError)
            {
                return GiveUp(device, PowerState.D3Cold);
            }
        }

        device.Power.Believe(PowerState.D0);
        return wasInD3 && softResets ? 1 : 0;
    }

    private static KernelResult GiveUp(PciDevice device, PowerState state)
    {
        device.Power.Believe(state);
        return Errno.EIO;
    }
}
