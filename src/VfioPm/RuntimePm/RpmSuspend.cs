namespace VfioPm;

// Suspending.
internal static partial class Rpm
{
    /// <summary>Suspends a device, or asks for it (<c>rpm_suspend()</c>).</summary>
    /// <returns>0; 1 if it is suspended; or why it cannot be.</returns>
    public static async KernelCall<KernelResult> Suspend(RuntimePmDevice device, RpmFlags flags)
    {
        device.TraceCall(RpmTracepoint.Suspend, flags);
        KernelResult result = await SuspendUntraced(device, flags);
        device.TraceReturn(RpmTracepoint.Suspend, result);
        return result;
    }

    private static async KernelCall<KernelResult> SuspendUntraced(RuntimePmDevice device, RpmFlags flags)
    {
        bool isAsync = flags.Has(RpmFlags.Async);
        bool isAuto = flags.Has(RpmFlags.Auto);

    repeat:
        KernelResult allowed = device.CheckSuspendAllowed();
        if (!allowed.IsError && device.Status == RuntimeStatus.Resuming && !isAsync)
        {
            return Errno.EAGAIN;
        }

        if (allowed.Value != 0)
        {
            return allowed;
        }

        if (isAuto && device.Status != RuntimeStatus.Suspending && device.AutosuspendExpiration is { } expires)
        {
            device.Request = RuntimePmRequest.None;
            device.ArmAutosuspendTimer(expires);
            return KernelResult.Success;
        }

        device.CancelPending();
        if (device.Status == RuntimeStatus.Suspending)
        {
            if (isAsync || flags.Has(RpmFlags.NoWait))
            {
                return Errno.EINPROGRESS;
            }

            await device.Change();
            goto repeat;
        }

        if (!device.HasNoCallbacks)
        {
            if (isAsync)
            {
                device.Queue(isAuto ? RuntimePmRequest.Autosuspend : RuntimePmRequest.Suspend);
                return KernelResult.Success;
            }

            device.SetStatus(RuntimeStatus.Suspending);
            KernelResult error = await Callback(device, RuntimePmCallback.Suspend);
            if (error.Value != 0)
            {
                Fail(device);
                if (!error.IsTransient)
                {
                    device.CancelPending();
                    return error;
                }

                device.RuntimeError = KernelResult.Success;

                // A callback that said "busy" and marked the device so gets a new delay.
                if (isAuto && device.AutosuspendExpiration is not null)
                {
                    goto repeat;
                }

                return error;
            }
        }

        device.SetStatus(RuntimeStatus.Suspended);
        device.DeactivateTimer();
        device.Parent?.DropActiveChild();
        device.WakeWaiters();
        if (device.DeferredResume)
        {
            device.DeferredResume = false;
            await Resume(device, RpmFlags.None);
            return Errno.EAGAIN;
        }

        // An irq-safe device holds its parent for ever and leaves its suppliers alone.
        if (device.IsIrqSafe)
        {
            return KernelResult.Success;
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

        return KernelResult.Success;
    }

    private static void Fail(RuntimePmDevice device)
    {
        device.SetStatus(RuntimeStatus.Active);
        device.DeferredResume = false;
        device.WakeWaiters();
    }
}
