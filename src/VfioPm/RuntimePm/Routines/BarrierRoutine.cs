namespace VfioPm;

/// <summary>
/// Takes back what is pending for a device and waits for what is under way (<c>__pm_runtime_barrier()</c>):
/// afterwards only its callers decide what happens to it.
/// </summary>
internal sealed class BarrierRoutine : Routine
{
    public static readonly BarrierRoutine Instance = new();

    private enum Steps
    {
        Begin,
        WaitForWork,
        WaitForOperation,
    }

    public override Flow Step(Actor actor, ref Activation self)
    {
        RuntimePmDevice device = self.Device;
        switch ((Steps)self.At)
        {
            case Steps.Begin:
                device.DeactivateTimer();
                self.At = (int)(device.RequestPending ? Steps.WaitForWork : Steps.WaitForOperation);
                if (device.RequestPending)
                {
                    device.Request = RuntimePmRequest.None;
                    device.CancelWork();
                }

                return Flow.Next;
            case Steps.WaitForWork:
                if (device.IsWorkRunning)
                {
                    return Flow.Wait;
                }

                device.RequestPending = false;
                self.At = (int)Steps.WaitForOperation;
                return Flow.Next;
            default:
                bool isUnderWay = device.IdleNotification
                    || device.Status is RuntimeStatus.Suspending or RuntimeStatus.Resuming;
                return isUnderWay ? Flow.Wait : Flow.Return(0);
        }
    }
}
