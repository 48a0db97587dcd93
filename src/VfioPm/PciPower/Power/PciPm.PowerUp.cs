namespace VfioPm;

// To D0.
public static partial class PciPm
{
    /// <summary>Brings a function to D0, first by the platform and then by PMCSR (<c>pci_power_up()</c>).</summary>
    /// <returns>1 if it lost its registers on the way, 0 if not, -EIO if PMCSR could not do it.</returns>
    private static async KernelCall<int> PowerUp(PciPmDevice device)
    {
        await SetPlatformState(device, PowerState.D0);
        if (device.Power.Pm is null)
        {
            return GiveUp(device, device.Power.PlatformState ?? PowerState.D0);
        }

        if (device.IsDisconnected)
        {
            return GiveUp(device, PowerState.D3Cold);
        }

        uint pmcsr = await ReadPmcsr(device);
        if (pmcsr == NoAnswer)
        {
            PciPowerLog.Inaccessible(device.Logger, device.Name, device.PowerState.KernelName, "D0");
            return GiveUp(device, PowerState.D3Cold);
        }

        PowerState state = StateIn(pmcsr);
        bool softResets = (pmcsr & PmRegisters.NoSoftReset) == 0;
        bool wasInD3 = state == PowerState.D3Hot || device.PowerState >= PowerState.D3Hot;
        if (state != PowerState.D0)
        {
            // All zeroes: D0, PME_En off, and PME_Status untouched since it is cleared by ones.
            await WritePmcsr(device, 0);
            await AwaitTransition(device, state);

            // After a soft reset the function may need more time than the specification's.
            if (device.Rules.WaitsAfterSoftReset && state == PowerState.D3Hot && softResets
                && await WaitReady(device, ReadyWait.AfterD3Hot, ReadyWait.DefaultTimeout) < 0)
            {
                return GiveUp(device, PowerState.D3Cold);
            }
        }

        device.Power.Believe(PowerState.D0);
        return wasInD3 && softResets ? 1 : 0;
    }

    private static int GiveUp(PciPmDevice device, PowerState state)
    {
        device.Power.Believe(state);
        return -Errno.EIO;
    }
}
