namespace VfioPm;

/// <summary>
/// A guest's <c>runtime_suspend</c> of a PCI device (<c>pci_pm_runtime_suspend()</c>): the driver's callback, then the
/// configuration is saved, the device goes to D3hot, and its power resource, if it has one, is switched off.
/// </summary>
internal sealed class GuestSuspendRoutine : Routine
{
    public static readonly GuestSuspendRoutine Instance = new();

    private enum Steps
    {
        Driver,
        IsInD3Hot,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        GuestDevice device = GuestDevice.Of(self.Device);
        if ((Steps)self.At == Steps.Driver)
        {
            CallbackOutcome outcome = device.Driver.Invoke(RuntimePmCallback.Suspend, self.Position++);
            if (outcome.Duration is { } duration)
            {
                return Flow.Sleep(duration);
            }

            if (outcome.Value.Value != 0)
            {
                return Flow.Return(outcome.Value);
            }

            device.Configuration.Save();
            self.At = (int)Steps.IsInD3Hot;
            return actor.Call(GuestPowerDownRoutine.Instance, self.Device);
        }

        if (device.Virtual.PowerResource is { } resource)
        {
            resource.TurnOff();
            device.PowerState = resource.IsOn ? device.PowerState : PowerState.D3Cold;
        }

        return Flow.Return(0);
    }
}
