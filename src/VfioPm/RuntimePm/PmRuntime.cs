namespace VfioPm;

/// <summary>
/// The calls of <c>include/linux/pm_runtime.h</c>, for the kernel's own functions; <see cref="RuntimePmDevice"/> has them for
/// everybody else.
/// </summary>
public static partial class PmRuntime
{
    /// <summary><c>pm_runtime_get_noresume()</c>.</summary>
    public static void GetNoResume(RuntimePmDevice device) => device.UsageCount++;

    /// <summary><c>pm_runtime_put_noidle()</c>.</summary>
    public static void PutNoIdle(RuntimePmDevice device) => device.UsageCount -= device.UsageCount != 0 ? 1 : 0;

    /// <summary><c>pm_runtime_get_sync()</c>.</summary>
    public static KernelCall<int> GetSync(RuntimePmDevice device) => Resume(device, RpmFlags.GetPut);

    /// <summary><c>pm_runtime_resume()</c>.</summary>
    public static KernelCall<int> Resume(RuntimePmDevice device) => Resume(device, RpmFlags.None);

    /// <summary><c>pm_request_resume()</c>.</summary>
    public static KernelCall<int> RequestResume(RuntimePmDevice device) => Resume(device, RpmFlags.Async);

    /// <summary><c>pm_runtime_resume_and_get()</c>.</summary>
    public static KernelCall<int> ResumeAndGet(RuntimePmDevice device) => GetActive(device, RpmFlags.None);

    /// <summary><c>pm_runtime_get_active()</c>, <c>PM_RUNTIME_ACQUIRE()</c>.</summary>
    public static async KernelCall<int> GetActive(RuntimePmDevice device, RpmFlags flags)
    {
        int result = await Resume(device, RpmFlags.GetPut | flags);
        if (result >= 0)
        {
            return 0;
        }

        PutNoIdle(device);
        return result;
    }

    /// <summary><c>pm_runtime_put()</c>.</summary>
    public static KernelCall<int> Put(RuntimePmDevice device) => Idle(device, RpmFlags.GetPut | RpmFlags.Async);

    /// <summary><c>pm_runtime_put_sync()</c>.</summary>
    public static KernelCall<int> PutSync(RuntimePmDevice device) => Idle(device, RpmFlags.GetPut);

    /// <summary><c>pm_runtime_put_autosuspend()</c>.</summary>
    public static KernelCall<int> PutAutosuspend(RuntimePmDevice device) =>
        Autosuspend(device, RpmFlags.GetPut | RpmFlags.Async);

    /// <summary><c>pm_request_idle()</c>.</summary>
    public static KernelCall<int> RequestIdle(RuntimePmDevice device) => Rpm.Idle(device, RpmFlags.Async);

    /// <summary><c>pm_request_autosuspend()</c>.</summary>
    public static KernelCall<int> RequestAutosuspend(RuntimePmDevice device) => Autosuspend(device, RpmFlags.Async);

    /// <summary><c>__pm_runtime_idle()</c>.</summary>
    public static KernelCall<int> Idle(RuntimePmDevice device, RpmFlags flags)
    {
        if (flags.Has(RpmFlags.GetPut) && DropUser(device, flags) is { } result)
        {
            return result;
        }

        KernelWait wait = MightSleep(device, flags);
        return wait.IsCompleted ? Rpm.Idle(device, flags) : IdleAfter(wait, device, flags);
    }

    /// <summary><c>__pm_runtime_suspend()</c>.</summary>
    public static KernelCall<int> Suspend(RuntimePmDevice device, RpmFlags flags)
    {
        if (flags.Has(RpmFlags.GetPut) && DropUser(device, flags) is { } result)
        {
            return result;
        }

        KernelWait wait = MightSleep(device, flags);
        return wait.IsCompleted ? Rpm.Suspend(device, flags) : SuspendAfter(wait, device, flags);
    }

    /// <summary>The same after the autosuspend delay: <c>pm_runtime_autosuspend()</c> and its kin.</summary>
    public static KernelCall<int> Autosuspend(RuntimePmDevice device, RpmFlags flags)
    {
        if (device.Core.Rules.AutosuspendCallsMarkBusy)
        {
            device.MarkBusy();
        }

        return Suspend(device, flags | RpmFlags.Auto);
    }

    /// <summary><c>__pm_runtime_resume()</c>.</summary>
    public static KernelCall<int> Resume(RuntimePmDevice device, RpmFlags flags)
    {
        KernelWait wait = device.Status == RuntimeStatus.Active ? KernelWait.Over : MightSleep(device, flags);
        return wait.IsCompleted ? GetAndResume(device, flags) : ResumeAfter(wait, device, flags);
    }

    /// <summary><c>pm_schedule_suspend()</c>.</summary>
    public static async KernelCall<int> ScheduleSuspend(RuntimePmDevice device, int delay)
    {
        if (delay == 0)
        {
            return await Rpm.Suspend(device, RpmFlags.Async);
        }

        int allowed = device.CheckSuspendAllowed();
        if (allowed == 0)
        {
            device.CancelPending();
            device.StartSuspendTimer(TimeSpan.FromMilliseconds(delay));
        }

        return allowed;
    }

    /// <summary><c>pm_runtime_barrier()</c>.</summary>
    public static async KernelCall<int> Barrier(RuntimePmDevice device)
    {
        GetNoResume(device);
        bool resumes = device.IsResumePending;
        if (resumes)
        {
            await Rpm.Resume(device, RpmFlags.None);
        }

        await Rpm.Barrier(device);
        PutNoIdle(device);
        return resumes ? 1 : 0;
    }

    /// <summary><c>pm_runtime_get_if_active()</c>, <c>pm_runtime_get_if_in_use()</c>.</summary>
    public static int GetConditionally(RuntimePmDevice device, bool ignoreUsageCount)
    {
        int result =
            !device.IsEnabled ? -Errno.EINVAL
            : device.Status == RuntimeStatus.Active && (ignoreUsageCount || device.UsageCount != 0) ? 1
            : 0;
        device.UsageCount += result == 1 ? 1 : 0;
        device.TraceCall(RpmTracepoint.Usage, RpmFlags.None);
        return result;
    }

    /// <summary>
    /// Takes a user away (<c>rpm_drop_usage_count()</c> and what its callers do with it): an operation follows only after the
    /// last one.
    /// </summary>
    /// <returns>What the call returns without the operation, or null if the operation follows.</returns>
    private static int? DropUser(RuntimePmDevice device, RpmFlags flags)
    {
        if (device.UsageCount <= 0 && !device.Core.Rules.UsageCountMayUnderflow)
        {
            RuntimePmLog.UsageCountUnderflow(device.Core.Logger, device.Name);
            return -Errno.EINVAL;
        }

        if (--device.UsageCount == 0)
        {
            return null;
        }

        device.TraceCall(RpmTracepoint.Usage, flags);
        return 0;
    }

    private static KernelCall<int> GetAndResume(RuntimePmDevice device, RpmFlags flags)
    {
        if (flags.Has(RpmFlags.GetPut))
        {
            GetNoResume(device);
        }

        return Rpm.Resume(device, flags);
    }

    // Mostly nobody is given way to, and then these calls are those of Rpm, without a frame of their own.
    private static async KernelCall<int> IdleAfter(KernelWait wait, RuntimePmDevice device, RpmFlags flags)
    {
        await wait;
        return await Rpm.Idle(device, flags);
    }

    private static async KernelCall<int> SuspendAfter(KernelWait wait, RuntimePmDevice device, RpmFlags flags)
    {
        await wait;
        return await Rpm.Suspend(device, flags);
    }

    private static async KernelCall<int> ResumeAfter(KernelWait wait, RuntimePmDevice device, RpmFlags flags)
    {
        await wait;
        return await GetAndResume(device, flags);
    }

    /// <summary>A call that may sleep gives way to work that is queued (<c>might_sleep_if()</c>).</summary>
    private static KernelWait MightSleep(RuntimePmDevice device, RpmFlags flags) =>
        flags.Has(RpmFlags.Async) || device.IsIrqSafe ? KernelWait.Over : device.Core.Kernel.MightSleep();
}
