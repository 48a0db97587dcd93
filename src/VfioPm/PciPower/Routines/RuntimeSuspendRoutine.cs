namespace VfioPm;

/// <summary>
/// The PCI bus's <c>runtime_suspend</c> (<c>pci_pm_runtime_suspend()</c>): the driver's callback, then the
/// configuration state is saved and the deepest state entered that is allowed.
/// </summary>
internal sealed class RuntimeSuspendRoutine : Routine
{
    public static readonly RuntimeSuspendRoutine Instance = new();

    private enum Steps
    {
        Begin,
        DriverReturned,
        StateSet,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        PciDevice device = PciDevice.Of(self.Device);
        switch ((Steps)self.At)
        {
            case Steps.Begin:
                return Begin(actor, ref self, device);
            case Steps.DriverReturned:
                return AfterDriver(actor, ref self, device);
            default:
                if (self.Returned != 0)
                {
                    device.EnableWake((PowerState)self.Position, enable: false);
                }

                return Flow.Return(0);
        }
    }

    private static Flow Begin(Actor actor, ref Activation self, PciDevice device)
    {
        if (device.Driver is not { } driver)
        {
            // It stays in D0, but a bridge above may lose its power and take this function along.
            device.SavedState.Save();
            return Flow.Return(0);
        }

        device.SavedState.Forget();
        self.At = (int)Steps.DriverReturned;
        if (driver.RuntimeSuspend is { } routine)
        {
            return actor.Call(routine, self.Device);
        }

        self.Returned = 0;
        return Flow.Next;
    }

    private static Flow AfterDriver(Actor actor, ref Activation self, PciDevice device)
    {
        if (self.Returned != 0)
        {
            return Flow.Return(self.Returned);
        }

        // A driver that changed the state itself is trusted to have saved what it needs.
        bool driverDidIt = device.Driver is { RuntimeSuspend: not null }
            && device.PowerState is not PowerState.D0 and not PowerState.Unknown;
        if (device.SavedState.IsSaved || driverDidIt)
        {
            return Flow.Return(0);
        }

        device.SavedState.Save();
        PowerState target = device.ChooseTargetState(device.CanWakeUp);
        device.EnableWake(target, device.CanWakeAtRunTime);
        self.At = (int)Steps.StateSet;
        self.Position = (int)target;
        return actor.Call(SetPowerStateRoutine.Instance, self.Device, argument: (int)target);
    }
}
