namespace VfioPm;

// Resuming.
internal static partial class Rpm
{
    /// <summary>
    /// Resumes a device, or asks for it (<c>rpm_resume()</c>). The usage count plays no part: whoever asks gets it.
    /// </summary>
    /// <returns>0; 1 if it was active; or an error.</returns>
    public static async KernelCall<int> Resume(RuntimePmDevice device, RpmFlags flags)
    {
        device.TraceCall(RpmTracepoint.Resume, flags);
        bool holdsParent = false;
        bool isAsync = flags.Has(RpmFlags.Async);
        int result;

    repeat:
        result = ObstacleToResume(device);
        if (result == -Errno.EACCES && flags.Has(RpmFlags.Transparent))
        {
            result = 0;
            goto out_put;
        }

        if (result != 0)
        {
            goto out_put;
        }

        // An autosuspend timer is left running: stopping it only to start it again soon would be a waste.
        device.Request = RuntimePmRequest.None;
        if (!device.TimerAutosuspends)
        {
            device.DeactivateTimer();
        }

        if (device.Status == RuntimeStatus.Active)
        {
            result = 1;
            goto out_put;
        }

        if (device.Status is RuntimeStatus.Resuming or RuntimeStatus.Suspending)
        {
            bool noWait = flags.Has(RpmFlags.NoWait);
            if (isAsync || noWait)
            {
                bool isSuspending = device.Status == RuntimeStatus.Suspending;
                device.DeferredResume |= isSuspending;
                result = isSuspending && !noWait ? 0 : -Errno.EINPROGRESS;
                goto out_put;
            }

            await device.Change();
            goto repeat;
        }

        // Without callbacks nothing can fail, so an active parent need not be asked.
        if (device.HasNoCallbacks && !holdsParent && device.Parent is { } active
            && (!active.IsEnabled || active.IgnoresChildren || active.Status == RuntimeStatus.Active))
        {
            active.ChildCount++;
            result = 1;
            goto no_callback;
        }

        if (isAsync)
        {
            device.Queue(RuntimePmRequest.Resume);
            result = 0;
            goto out_put;
        }

        if (!holdsParent)
        {
            holdsParent = true;
            if (device.Parent is { } parent && !device.IsIrqSafe)
            {
                PmRuntime.GetNoResume(parent);
                if (parent.IsEnabled && !parent.IgnoresChildren)
                {
                    await Resume(parent, RpmFlags.None);
                    if (parent.Status != RuntimeStatus.Active)
                    {
                        result = -Errno.EBUSY;
                        goto out_put;
                    }
                }

                // The parent took its time: look at everything again.
                goto repeat;
            }
        }

        result = 0;
        if (device.HasNoCallbacks)
        {
            goto no_callback;
        }

        device.SetStatus(RuntimeStatus.Resuming);
        device.WakeIrq?.BeginResume();
        result = await Callback(device, RuntimePmCallback.Resume);
        if (result != 0)
        {
            device.SetStatus(RuntimeStatus.Suspended);
            device.CancelPending();
            device.WakeIrq?.AbandonResume();
            goto settled;
        }

    no_callback:
        device.SetStatus(RuntimeStatus.Active);
        device.MarkBusy();
        if (holdsParent && device.Parent is { } above)
        {
            above.ChildCount++;
        }

    settled:
        device.WakeWaiters();
        if (result >= 0)
        {
            await Idle(device, RpmFlags.Async);
        }

    out_put:
        if (holdsParent && !device.IsIrqSafe)
        {
            // Whose parent is not modelled has one all the same, without runtime PM: a host bridge, the platform bus.
            await device.Unlocked();
            if (device.Parent is { } held)
            {
                await PmRuntime.Put(held);
                await device.Unlocked();
            }
        }

        device.TraceReturn(RpmTracepoint.Resume, result);
        return result;
    }

    private static int ObstacleToResume(RuntimePmDevice device) =>
        device.Error != 0 ? -Errno.EINVAL
        : device.IsEnabled ? 0
        : device.Core.Rules.DisabledActiveDeviceResumes
            && device is { Status: RuntimeStatus.Active, LastStatus: RuntimeStatus.Active } ? 1
        : -Errno.EACCES;
}
