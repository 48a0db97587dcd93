namespace VfioPm;

/// <summary>
/// Brings a function to D0, first by the platform and then by PMCSR (<c>pci_power_up()</c>).
/// </summary>
/// <returns>1 if it lost its registers on the way, 0 if not, -EIO if PMCSR could not do it.</returns>
internal sealed class PowerUpRoutine : Routine
{
    public static readonly PowerUpRoutine Instance = new();

    /// <summary>After a soft reset the function may need more time than the specification's.</summary>
    private const int MustBecomeReady = 1;

    private enum Steps
    {
        Begin,
        DelayPassed,
        DeviceReady,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        PciDevice device = PciDevice.Of(self.Device);
        switch ((Steps)self.At)
        {
            case Steps.Begin:
                return Begin(device, ref self);
            case Steps.DelayPassed when self.Position == MustBecomeReady:
                self.At = (int)Steps.DeviceReady;
                return actor.Call(WaitReadyRoutine.AfterD3Hot, self.Device, argument: WaitReadyRoutine.DefaultTimeout);
            case Steps.DeviceReady when self.Returned != 0:
                return GiveUp(device, PowerState.D3Cold);
            default:
                return Finish(device, ref self);
        }
    }

    private static Flow Begin(PciDevice device, ref Activation self)
    {
        device.TrySetPlatformState(PowerState.D0);
        if (device.Pm is null)
        {
            return GiveUp(device, device.PlatformState ?? PowerState.D0);
        }

        if (device.IsDisconnected)
        {
            return GiveUp(device, PowerState.D3Cold);
        }

        if (device.ReadPmcsr() is not { } pmcsr)
        {
            PciPowerLog.Inaccessible(device.Logger, device.Name, device.PowerState.KernelName, "D0");
            return GiveUp(device, PowerState.D3Cold);
        }

        var state = (PowerState)(pmcsr & PmRegisters.StateMask);
        bool softResets = (pmcsr & PmRegisters.NoSoftReset) == 0;
        bool wasInD3 = state == PowerState.D3Hot || device.PowerState >= PowerState.D3Hot;
        self.Result = wasInD3 && softResets ? 1 : 0;
        if (state == PowerState.D0)
        {
            return Finish(device, ref self);
        }

        // All zeroes: D0, PME_En off, and PME_Status untouched since it is cleared by ones.
        device.WritePmcsr(0);
        self.At = (int)Steps.DelayPassed;
        self.Position = state == PowerState.D3Hot && softResets ? MustBecomeReady : 0;
        return Flow.Delay(device.TransitionDelay(state));
    }

    private static Flow Finish(PciDevice device, ref Activation self)
    {
        device.SetCurrentState(PowerState.D0);
        return Flow.Return(self.Result);
    }

    private static Flow GiveUp(PciDevice device, PowerState state)
    {
        device.SetCurrentState(state);
        return Flow.Return(Errno.EIO);
    }
}
