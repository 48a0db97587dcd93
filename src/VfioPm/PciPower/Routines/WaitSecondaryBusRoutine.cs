namespace VfioPm;

/// <summary>
/// Waits until what is below a bridge may be accessed after a reset or power-on
/// (<c>pci_bridge_wait_for_secondary_bus()</c>): the 100 ms of the specification, or what a function asks for,
/// and then until the first function answers.
/// </summary>
internal sealed class WaitSecondaryBusRoutine : Routine
{
    public static readonly WaitSecondaryBusRoutine Instance = new();

    private enum Steps
    {
        Begin,
        DelayPassed,
        FirstChildAnswered,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        PciDevice bridge = PciDevice.Of(self.Device);
        switch ((Steps)self.At)
        {
            case Steps.Begin when bridge.Downstream.Count == 0 || bridge.IsDisconnected:
                return Flow.Return(0);
            case Steps.Begin:
                self.At = (int)Steps.DelayPassed;
                return Flow.Sleep(bridge.SecondaryBusDelay);
            case Steps.DelayPassed:
                self.At = (int)Steps.FirstChildAnswered;
                return actor.Call(
                    WaitReadyRoutine.Instance,
                    bridge.Downstream[0].RuntimePm,
                    argument: WaitReadyRoutine.DefaultTimeout - (int)bridge.SecondaryBusDelay.TotalMilliseconds);
            default:
                return Flow.Return(self.Returned);
        }
    }
}
