namespace VfioPm;

/// <summary>
/// Waits until what is below a bridge may be accessed after a reset or power-on
/// (<c>pci_bridge_wait_for_secondary_bus()</c>): where the port can go faster than 5 GT/s until its link is up, then
/// the 100 ms of the specification, or what a function asks for, and then until the first function answers.
/// </summary>
/// <returns>0, or -ENOTTY if the link stayed down or the first function never answered.</returns>
internal sealed class WaitSecondaryBusRoutine : Routine
{
    public static readonly WaitSecondaryBusRoutine AfterResume = new(WaitReadyRoutine.AfterResume);
    public static readonly WaitSecondaryBusRoutine AfterBusReset = new(WaitReadyRoutine.AfterBusReset);

    private readonly WaitReadyRoutine _waitReady;

    private WaitSecondaryBusRoutine(WaitReadyRoutine waitReady) => _waitReady = waitReady;

    private enum Steps
    {
        Begin,
        LinkWaited,
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
            case Steps.Begin when bridge.WaitsForLink:
                self.At = (int)Steps.LinkWaited;
                return actor.Call(WaitLinkRoutine.Instance, self.Device);
            case Steps.LinkWaited when self.Returned != 0:
                PciPowerLog.NoLink(bridge.Logger, bridge.Name);
                return Flow.Return(self.Returned);
            case Steps.Begin or Steps.LinkWaited:
                self.At = (int)Steps.DelayPassed;
                return Flow.Sleep(bridge.SecondaryBusDelay);
            case Steps.DelayPassed when !bridge.IsExpressPort:
                return Flow.Return(0);
            case Steps.DelayPassed:
                self.At = (int)Steps.FirstChildAnswered;
                return actor.Call(
                    _waitReady,
                    bridge.Downstream[0].RuntimePm,
                    argument: WaitReadyRoutine.DefaultTimeout - (int)bridge.SecondaryBusDelay.TotalMilliseconds);
            default:
                return Flow.Return(self.Returned);
        }
    }
}
