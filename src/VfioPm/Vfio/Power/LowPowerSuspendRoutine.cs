namespace VfioPm;

/// <summary>
/// The driver's <c>runtime_suspend</c> since Linux 6.1 (<c>vfio_pci_core_runtime_suspend()</c>): a function that its
/// user left in D3hot goes to D0 first, with the configuration that it had, and INTx is masked. The PCI core does the
/// rest.
/// </summary>
internal sealed class LowPowerSuspendRoutine : Routine
{
    public static readonly LowPowerSuspendRoutine Instance = new();

    private enum Steps
    {
        Begin,
        IsInD0,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        VfioPciDevice device = VfioPciDriver.DeviceOf(self.Device);
        if ((Steps)self.At == Steps.Begin)
        {
            if (!device.TryLockMemoryForWorker())
            {
                return Flow.Wait;
            }

            self.At = (int)Steps.IsInD0;
            self.Position = (int)device.BeginPowerTransition(PowerState.D0);
            return actor.Call(SetPowerStateRoutine.Instance, self.Device, argument: (int)PowerState.D0);
        }

        device.EndPowerTransition((PowerTransition)self.Position, self.Returned);
        device.UnlockMemory();
        device.LowPower.BeforeSleep();
        return Flow.Return(0);
    }
}
