namespace VfioPm;

/// <summary>
/// A guest's kernel puts a device to D3hot through PMCSR, where the device has one, and looks after the delay whether it
/// went (<c>pci_set_low_power_state()</c>).
/// </summary>
internal sealed class GuestPowerDownRoutine : Routine
{
    public static readonly GuestPowerDownRoutine Instance = new();

    private enum Steps
    {
        Begin,
        DelayPassed,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        GuestDevice device = GuestDevice.Of(self.Device);
        if (device.Configuration.PmOffset is null)
        {
            return Flow.Return(0);
        }

        if ((Steps)self.At == Steps.Begin)
        {
            self.At = (int)Steps.DelayPassed;
            device.Configuration.WriteState(PowerState.D3Hot);
            return Flow.Delay(GuestConfiguration.TransitionDelay(PowerState.D3Hot));
        }

        device.PowerState = device.Configuration.ReadState();
        return Flow.Return(0);
    }
}
