namespace VfioPm;

/// <summary>
/// A guest's kernel brings a device to D0: first the power resource, then PMCSR with the delay that the specification
/// demands (<c>pci_power_up()</c>).
/// </summary>
/// <returns>0; -EIO if nobody answers.</returns>
internal sealed class GuestPowerUpRoutine : Routine
{
    public static readonly GuestPowerUpRoutine Instance = new();

    private enum Steps
    {
        Begin,
        DelayPassed,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        GuestDevice device = GuestDevice.Of(self.Device);
        if ((Steps)self.At == Steps.Begin)
        {
            device.Virtual.PowerResource?.TurnOn();
            if (device.Configuration.PmOffset is null)
            {
                return Finish(device, PowerState.D0);
            }

            PowerState state = device.Configuration.ReadState();
            if (state is PowerState.D0 or PowerState.D3Cold)
            {
                return Finish(device, state);
            }

            self.At = (int)Steps.DelayPassed;
            device.Configuration.WriteState(PowerState.D0);
            return Flow.Delay(GuestConfiguration.TransitionDelay(state));
        }

        return Finish(device, device.Configuration.ReadState());
    }

    private static Flow Finish(GuestDevice device, PowerState state)
    {
        device.PowerState = state;
        return Flow.Return(state == PowerState.D3Cold ? Errno.EIO : 0);
    }
}
