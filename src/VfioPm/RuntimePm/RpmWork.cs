namespace VfioPm;

// Requests that a worker carries out, and waiting until none is left.
internal static partial class Rpm
{
    /// <summary>
    /// Carries out a device's request (<c>pm_runtime_work()</c>). It never waits for another operation on the device, since a
    /// request that finds one under way has nothing to add.
    /// </summary>
    public static KernelCall Work(RuntimePmDevice device) => device.TakeRequest() switch
    {
        RuntimePmRequest.Idle => Idle(device, RpmFlags.NoWait),
        RuntimePmRequest.Suspend => Suspend(device, RpmFlags.NoWait),
        RuntimePmRequest.Autosuspend => Suspend(device, RpmFlags.NoWait | RpmFlags.Auto),
        RuntimePmRequest.Resume => Resume(device, RpmFlags.NoWait),
        _ => KernelCall.Returned,
    };

    /// <summary>
    /// Takes back what is pending for a device and waits for what is under way (<c>__pm_runtime_barrier()</c>): afterwards
    /// only its callers decide what happens to it.
    /// </summary>
    public static async KernelCall Barrier(RuntimePmDevice device)
    {
        device.DeactivateTimer();
        if (device.RequestPending)
        {
            device.Request = RuntimePmRequest.None;
            device.CancelWork();

            // cancel_work_sync() says so, running or not.
            await device.Core.Kernel.MightSleep();
            while (device.IsWorkRunning)
            {
                await device.Change();
            }

            device.RequestPending = false;
        }

        while (device.IdleNotification || device.Status is RuntimeStatus.Suspending or RuntimeStatus.Resuming)
        {
            await device.Change();
        }
    }
}
