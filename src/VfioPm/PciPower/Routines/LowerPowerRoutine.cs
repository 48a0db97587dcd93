namespace VfioPm;

/// <summary>
/// Puts a function to a sleep state by PMCSR (<c>pci_set_low_power_state()</c>). The argument is the state, at
/// most D3hot.
/// </summary>
internal sealed class LowerPowerRoutine : Routine
{
    public static readonly LowerPowerRoutine Instance = new();

    public override Flow Step(Actor actor, ref Activation self)
    {
        PciDevice device = PciDevice.Of(self.Device);
        var state = (PowerState)self.Argument;
        return self.At == 0 ? Enter(ref self, device, state) : Verify(device, state);
    }

    private static Flow Enter(ref Activation self, PciDevice device, PowerState state)
    {
        KernelResult obstacle =
            device.Pm is null ? Errno.EIO
            : device.PowerState <= PowerState.D3Cold && device.PowerState > state ? Errno.EINVAL
            : !device.Pm.Supports(state) ? Errno.EIO
            : 0;
        if (obstacle.IsError || device.PowerState == state)
        {
            return Flow.Return(obstacle.Value);
        }

        if (device.ReadPmcsr() is not { } pmcsr)
        {
            PciPowerLog.Inaccessible(
                device.Logger, device.Name, device.PowerState.KernelName, state.KernelName);
            device.SetCurrentState(PowerState.D3Cold);
            return Flow.Return(Errno.EIO);
        }

        device.WritePmcsr((pmcsr & ~PmRegisters.StateMask) | (int)state);
        self.At = 1;
        return Flow.Delay(device.TransitionDelay(state));
    }

    private static Flow Verify(PciDevice device, PowerState state)
    {
        var reached = (PowerState)(device.ReadConfig(device.Pm!.ControlStatusOffset, 2) & PmRegisters.StateMask);
        device.SetCurrentState(reached);
        if (reached != state)
        {
            PciPowerLog.Refused(device.Logger, device.Name, device.PowerState.KernelName, state.KernelName);
        }

        return Flow.Return(0);
    }
}
