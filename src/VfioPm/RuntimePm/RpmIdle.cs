namespace VfioPm;

// Idling.
internal static partial class Rpm
{
    /// <summary>
    /// Asks whether an unused device may sleep, and suspends it if nobody objects (<c>rpm_idle()</c>). It never waits for
    /// another operation.
    /// </summary>
    /// <returns>0; or why the device cannot go idle now; what suspending it gave.</returns>
    public static async KernelCall<int> Idle(RuntimePmDevice device, RpmFlags flags)
    {
        device.TraceCall(RpmTracepoint.Idle, flags);
        int verdict = CheckIdle(device, flags);
        if (verdict == 0)
        {
            device.Request = RuntimePmRequest.None;
            if (!device.HasNoCallbacks && device.HasCallback(RuntimePmCallback.Idle))
            {
                if (flags.Has(RpmFlags.Async))
                {
                    device.Queue(RuntimePmRequest.Idle);
                    device.TraceReturn(RpmTracepoint.Idle, 0);
                    return 0;
                }

                device.IdleNotification = true;
                verdict = await Invoke(device, RuntimePmCallback.Idle);
                device.IdleNotification = false;
                device.WakeWaiters();
            }
        }

        // Without an objection the device autosuspends, and what that returns is the result.
        device.TraceReturn(RpmTracepoint.Idle, verdict);
        return verdict != 0 ? verdict : await Suspend(device, flags | RpmFlags.Auto);
    }

    private static int CheckIdle(RuntimePmDevice device, RpmFlags flags)
    {
        int allowed = device.CheckSuspendAllowed();
        bool mayBeSuspended = device.Core.Rules.PutOfSuspendedDeviceSucceeds && flags.Has(RpmFlags.GetPut);
        if (allowed < 0 || (allowed == 1 && mayBeSuspended))
        {
            return allowed;
        }

        bool somethingElseIsPending = device.RequestPending && device.Request > RuntimePmRequest.Idle;
        return device.Status != RuntimeStatus.Active || somethingElseIsPending ? -Errno.EAGAIN
            : device.IdleNotification ? -Errno.EINPROGRESS
            : 0;
    }
}
