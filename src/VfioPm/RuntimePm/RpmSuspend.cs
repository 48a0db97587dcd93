namespace VfioPm;

// Suspending.
internal static partial class Rpm
{
    /// <summary>Suspends a device, or asks for it (<c>rpm_suspend()</c>).</summary>
    /// <returns>0; 1 if it is suspended; or why it cannot be.</returns>
    public static async KernelCall<int> Suspend(RuntimePmDevice device, RpmFlags flags)
    {
        device.TraceCall(RpmTracepoint.Suspend, flags);
        bool isAsync = flags.Has(RpmFlags.Async);
        bool isAuto = flags.Has(RpmFlags.Auto);
        int result;

    repeat:
        result = device.CheckSuspendAllowed();
        if (result >= 0 && device.Status == RuntimeStatus.Resuming && !isAsync)
        {
            result = -Errno.EAGAIN;
        }

        if (result != 0)
        {
            goto done;
        }

        if (isAuto && device.Status != RuntimeStatus.Suspending && device.AutosuspendExpiration is { } expires)
        {
            device.Request = RuntimePmRequest.None;
            device.ArmAutosuspendTimer(expires);
            goto done;
        }

        device.CancelPending();
        if (device.Status == RuntimeStatus.Suspending)
        {
            if (isAsync || flags.Has(RpmFlags.NoWait))
            {
                result = -Errno.EINPROGRESS;
                goto done;
            }

            await device.Change();
            goto repeat;
        }

        if (device.HasNoCallbacks)
        {
            goto no_callback;
        }

        if (isAsync)
        {
            device.Queue(isAuto ? RuntimePmRequest.Autosuspend : RuntimePmRequest.Suspend);
            goto done;
        }

        device.SetStatus(RuntimeStatus.Suspending);
        device.WakeIrq?.BeginSuspend();
        result = await Callback(device, RuntimePmCallback.Suspend);
        if (result != 0)
        {
            Fail(device);
            if (result != -Errno.EAGAIN && result != -Errno.EBUSY)
            {
                device.CancelPending();
                goto done;
            }

            device.Error = 0;

            // A callback that said "busy" and marked the device so gets a new delay.
            if (isAuto && device.AutosuspendExpiration is not null)
            {
                goto repeat;
            }

            goto done;
        }

        device.WakeIrq?.CompleteSuspend();

    no_callback:
        device.SetStatus(RuntimeStatus.Suspended);
        device.DeactivateTimer();
        device.Parent?.DropActiveChild();
        device.WakeWaiters();
        if (device.DeferredResume)
        {
            device.DeferredResume = false;
            await Resume(device, RpmFlags.None);
            result = -Errno.EAGAIN;
            goto done;
        }

        // An irq-safe device holds its parent for ever and leaves its suppliers alone.
        if (device.IsIrqSafe)
        {
            goto done;
        }

        if (device.Parent is { IgnoresChildren: false } parent)
        {
            await Idle(parent, RpmFlags.Async);
        }

        if (device.LinksCount > 0)
        {
            await device.Unlocked();
            await SuspendSuppliers(device);
        }

    done:
        device.TraceReturn(RpmTracepoint.Suspend, result);
        return result;
    }

    private static void Fail(RuntimePmDevice device)
    {
        device.WakeIrq?.AbandonSuspend();
        device.SetStatus(RuntimeStatus.Active);
        device.DeferredResume = false;
        device.WakeWaiters();
    }
}
