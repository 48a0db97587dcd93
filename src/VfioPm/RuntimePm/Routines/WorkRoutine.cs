namespace VfioPm;

/// <summary>
/// A worker of <c>pm_wq</c> carrying out a device's request (<c>pm_runtime_work()</c>). It never waits for
/// another operation on the device, since a request that finds one under way has nothing to add.
/// </summary>
internal sealed class WorkRoutine : Routine
{
    public static readonly WorkRoutine Instance = new();

    public override Flow Step(Actor actor, ref Activation self)
    {
        RuntimePmDevice device = self.Device;
        if (self.At == 0)
        {
            self.At = 1;
            switch (device.TakeRequest())
            {
                case RuntimePmRequest.Idle:
                    return actor.Call(IdleRoutine.Instance, device, RpmFlags.NoWait);
                case RuntimePmRequest.Suspend:
                    return actor.Call(SuspendRoutine.Instance, device, RpmFlags.NoWait);
                case RuntimePmRequest.Autosuspend:
                    return actor.Call(SuspendRoutine.Instance, device, RpmFlags.NoWait | RpmFlags.Auto);
                case RuntimePmRequest.Resume:
                    return actor.Call(ResumeRoutine.Instance, device, RpmFlags.NoWait);
            }
        }

        device.WorkDone();
        return Flow.Return(0);
    }
}
