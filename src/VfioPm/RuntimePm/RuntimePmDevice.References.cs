namespace VfioPm;

// Getting and putting: the calls that change the usage count.
public sealed partial class RuntimePmDevice
{
    /// <summary>Counts a user and asks for a resume (<c>pm_runtime_get()</c>).</summary>
    /// <returns>
    /// 0 if the resume is queued, 1 if the device is active, or an error; the count is up in any case.
    /// </returns>
    public KernelResult Get() => Resume(RpmFlags.GetPut | RpmFlags.Async);

    /// <summary>Counts a user and resumes the device (<c>pm_runtime_get_sync()</c>).</summary>
    /// <returns>0, 1 if it was active, or an error; the count is up in any case.</returns>
    public KernelResult GetSync() => Resume(RpmFlags.GetPut);

    /// <summary>Counts a user and nothing else (<c>pm_runtime_get_noresume()</c>).</summary>
    public void GetNoResume()
    {
        lock (Core.Clock.Gate)
        {
            UsageCount++;
        }
    }

    /// <summary>Counts a user and resumes the device, or does neither (<c>pm_runtime_resume_and_get()</c>).</summary>
    /// <returns>0, or an error with the count as it was.</returns>
    public KernelResult ResumeAndGet()
    {
        lock (Core.Clock.Gate)
        {
            KernelResult result = GetSync();
            if (!result.IsError)
            {
                return KernelResult.Success;
            }

            PutNoIdle();
            return result;
        }
    }

    /// <summary>
    /// Counts a user if the device is active, and in use or <paramref name="ignoreUsageCount"/>
    /// (<c>pm_runtime_get_if_active()</c>; later kernels always ignore the count).
    /// </summary>
    /// <returns>1 if the user was counted, 0 if not, -EINVAL with runtime PM disabled.</returns>
    public KernelResult GetIfActive(bool ignoreUsageCount = true) =>
        GetConditionally(ignoreUsageCount || Core.Rules.GetIfActiveIgnoresUsageCount);

    /// <summary>Counts a user if the device is active and in use (<c>pm_runtime_get_if_in_use()</c>).</summary>
    /// <returns>1 if the user was counted, 0 if not, -EINVAL with runtime PM disabled.</returns>
    public KernelResult GetIfInUse() =>
        GetConditionally(Core.Rules.ActiveChildCountsAsUse && !IgnoresChildren && ChildCount > 0);

    /// <summary>
    /// Takes a user away and, after the last, asks for an idle notification (<c>pm_runtime_put()</c>).
    /// </summary>
    /// <returns>0, or why the device cannot go idle now; -EINVAL for a put without a get.</returns>
    public KernelResult Put() => Idle(RpmFlags.GetPut | RpmFlags.Async);

    /// <summary>
    /// Takes a user away and, after the last, sends the idle notification (<c>pm_runtime_put_sync()</c>).
    /// </summary>
    public KernelResult PutSync() => Idle(RpmFlags.GetPut);

    /// <summary>Takes a user away and, after the last, suspends (<c>pm_runtime_put_sync_suspend()</c>).</summary>
    public KernelResult PutSyncSuspend() => Suspend(RpmFlags.GetPut);

    /// <summary>
    /// Takes a user away and, after the last, asks for an autosuspend (<c>pm_runtime_put_autosuspend()</c>).
    /// </summary>
    public KernelResult PutAutosuspend() => Autosuspend(RpmFlags.GetPut | RpmFlags.Async);

    /// <summary>
    /// Takes a user away and, after the last, autosuspends (<c>pm_runtime_put_sync_autosuspend()</c>).
    /// </summary>
    public KernelResult PutSyncAutosuspend() => Autosuspend(RpmFlags.GetPut);

    /// <summary>Takes a user away and nothing else; never below zero (<c>pm_runtime_put_noidle()</c>).</summary>
    public void PutNoIdle()
    {
        lock (Core.Clock.Gate)
        {
            UsageCount -= UsageCount != 0 ? 1 : 0;
        }
    }

    private KernelResult GetConditionally(bool ignoreUsageCount)
    {
        lock (Core.Clock.Gate)
        {
            KernelResult result =
                !IsEnabled ? Errno.EINVAL
                : Status == RuntimeStatus.Active && (ignoreUsageCount || UsageCount != 0) ? 1
                : 0;
            UsageCount += result.Value == 1 ? 1 : 0;
            TraceCall(RpmTracepoint.Usage, RpmFlags.None);
            return result;
        }
    }

    /// <summary>
    /// Takes a user away (<c>rpm_drop_usage_count()</c> and what its callers do with it): an operation follows
    /// only after the last one.
    /// </summary>
    /// <returns>What the call returns without the operation, or null if the operation follows.</returns>
    private KernelResult? DropUser(RpmFlags flags)
    {
        if (UsageCount <= 0 && !Core.Rules.UsageCountMayUnderflow)
        {
            RuntimePmLog.UsageCountUnderflow(Core.Logger, Name);
            return Errno.EINVAL;
        }

        if (--UsageCount == 0)
        {
            return null;
        }

        TraceCall(RpmTracepoint.Usage, flags);
        return KernelResult.Success;
    }
}
