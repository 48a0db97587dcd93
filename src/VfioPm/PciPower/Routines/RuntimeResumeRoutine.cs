namespace VfioPm;

/// <summary>
/// The PCI bus's <c>runtime_resume</c> (<c>pci_pm_runtime_resume()</c>): the function goes to D0 and gets its
/// configuration back; a bridge that had lost its power waits for those below; then comes the driver's callback.
/// </summary>
internal sealed class RuntimeResumeRoutine : Routine
{
    public static readonly RuntimeResumeRoutine Instance = new();

    private enum Steps
    {
        Begin,
        PoweredUp,
        SecondaryBusReady,
        DriverReturned,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        PciDevice device = PciDevice.Of(self.Device);
        switch ((Steps)self.At)
        {
            case Steps.Begin:
                self.Position = (int)device.PowerState;
                self.At = (int)Steps.PoweredUp;
                return actor.Call(PowerUpRoutine.Instance, self.Device);
            case Steps.PoweredUp:
                Restore(device);
                if (device.Driver is null)
                {
                    return Flow.Return(0);
                }

                return WaitForSecondaryBus(actor, ref self, device);
            case Steps.DriverReturned:
                return Flow.Return(self.Returned);
            default:
                AfterWait(device, self.Returned);
                return CallDriver(actor, ref self, device);
        }
    }

    private static void Restore(PciDevice device)
    {
        device.UpdateCurrentState(PowerState.D0);
        device.SavedState.Restore();
        device.RestorePme();
    }

    private static Flow WaitForSecondaryBus(Actor actor, ref Activation self, PciDevice device)
    {
        device.EnableWake(PowerState.D0, enable: false);
        if ((PowerState)self.Position == PowerState.D3Cold && device.Downstream.Count > 0)
        {
            if (device.Topology.Rules.WakesBusBeforeItIsReady)
            {
                device.RequestResumeOfAllBelow();
            }

            self.At = (int)Steps.SecondaryBusReady;
            return actor.Call(WaitSecondaryBusRoutine.AfterResume, self.Device);
        }

        return CallDriver(actor, ref self, device);
    }

    private static void AfterWait(PciDevice bridge, KernelResult result)
    {
        if (result.IsError)
        {
            bridge.ForEachBelow(static below => below.IsDisconnected = true);
        }
        else if (!bridge.Topology.Rules.WakesBusBeforeItIsReady)
        {
            bridge.RequestResumeOfAllBelow();
        }
    }

    private static Flow CallDriver(Actor actor, ref Activation self, PciDevice device)
    {
        if (device.Driver is not { RuntimeResume: { } routine })
        {
            return Flow.Return(0);
        }

        self.At = (int)Steps.DriverReturned;
        return actor.Call(routine, self.Device);
    }
}
