namespace VfioPm;

/// <summary>
/// Where the runtime-PM cores of different kernels decide differently; the defaults are those of Linux 6.1.
/// Each property is one decision of <c>drivers/base/power/runtime.c</c>.
/// </summary>
public sealed record RuntimePmRules
{
    /// <summary>Linux 5.10.</summary>
    public static RuntimePmRules Linux5_10 { get; } = new()
    {
        UsageCountMayUnderflow = true,
        MissingCallbackFails = true,
        DisabledActiveDeviceResumes = false,
        PreactivationCountsLinks = true,
        RecordsLastStatus = false,
    };

    /// <summary>Linux 6.1.</summary>
    public static RuntimePmRules Linux6_1 { get; } = new();

    /// <summary>Linux 6.12.</summary>
    public static RuntimePmRules Linux6_12 { get; } = new()
    {
        GetIfActiveIgnoresUsageCount = true,
        ActiveChildCountsAsUse = true,
        TracesStatus = true,
        MsleepAddsTick = false,
    };

    /// <summary>Linux 7.3.</summary>
    public static RuntimePmRules Linux7_3 { get; } = Linux6_12 with
    {
        PreemptsVoluntarily = false,
        FailedResumeMayBeRetried = true,
        CallbackAccessErrorIsTransient = true,
        PutOfSuspendedDeviceSucceeds = true,
        AutosuspendCallsMarkBusy = true,
        ForceSuspendLeavesUsedDeviceActive = true,
        PutAndBarrierReturnNothing = true,
        WokenCallersPreempt = true,
        ResumesBeforeLateSuspend = true,
        InheritsSmartSuspend = true,
    };

    /// <summary>
    /// Threads are preempted voluntarily, where they might sleep (<c>CONFIG_PREEMPT_VOLUNTARY</c>); later kernels are
    /// preempted lazily, by the clock.
    /// </summary>
    public bool PreemptsVoluntarily { get; init; } = true;

    /// <summary>
    /// A put of a count of zero makes it -1, succeeds, and does not keep the device from suspending; later
    /// kernels refuse it with -EINVAL.
    /// </summary>
    public bool UsageCountMayUnderflow { get; init; }

    /// <summary>
    /// A suspend or resume without a callback gives -ENOSYS; later kernels take it for success, as all do in
    /// <c>pm_runtime_force_suspend()</c> and <c>pm_runtime_force_resume()</c>.
    /// </summary>
    public bool MissingCallbackFails { get; init; }

    /// <summary>Resuming a disabled device gives 1 if it is active and was so when it was disabled.</summary>
    public bool DisabledActiveDeviceResumes { get; init; } = true;

    /// <summary>
    /// <c>pm_runtime_get_suppliers()</c> counts up each link as well as the supplier, and
    /// <c>pm_runtime_put_suppliers()</c> leaves both to a consumer that is not suspended.
    /// </summary>
    public bool PreactivationCountsLinks { get; init; }

    /// <summary>The status at the time of disabling is remembered (<c>power.last_status</c>).</summary>
    public bool RecordsLastStatus { get; init; } = true;

    /// <summary><c>pm_runtime_get_if_active()</c> takes no argument and never looks at the count.</summary>
    public bool GetIfActiveIgnoresUsageCount { get; init; }

    /// <summary><c>pm_runtime_get_if_in_use()</c> takes an active child for use.</summary>
    public bool ActiveChildCountsAsUse { get; init; }

    /// <summary>Status changes are traced (<c>rpm_status</c>).</summary>
    public bool TracesStatus { get; init; }

    /// <summary>A failed resume leaves no <see cref="RuntimePmDevice.RuntimeError"/>.</summary>
    public bool FailedResumeMayBeRetried { get; init; }

    /// <summary>
    /// -EACCES from a callback becomes -EAGAIN and does not stick; before, it sticks and is returned as -EIO.
    /// </summary>
    public bool CallbackAccessErrorIsTransient { get; init; }

    /// <summary>The last put of a suspended device gives 1; before, -EAGAIN as other idle notifications.</summary>
    public bool PutOfSuspendedDeviceSucceeds { get; init; }

    /// <summary>The autosuspend calls and the puts that autosuspend mark the device busy first.</summary>
    public bool AutosuspendCallsMarkBusy { get; init; }

    /// <summary>
    /// <c>pm_runtime_force_suspend()</c> leaves the status of a device that will have to come back active.
    /// </summary>
    public bool ForceSuspendLeavesUsedDeviceActive { get; init; }

    /// <summary><c>pm_runtime_put()</c> and <c>pm_runtime_barrier()</c> return nothing.</summary>
    public bool PutAndBarrierReturnNothing { get; init; }

    /// <summary>
    /// A caller who is woken goes on as soon as the worker that woke him drops the device's lock, as preemptible
    /// kernels have it (<c>CONFIG_PREEMPT_LAZY</c>); else the worker first ends what it is doing.
    /// </summary>
    public bool WokenCallersPreempt { get; init; }

    /// <summary><c>msleep()</c> adds a tick to what the timer wheel rounds up anyway; later kernels leave that to the wheel.</summary>
    public bool MsleepAddsTick { get; init; } = true;

    /// <summary>
    /// A resume that is pending is carried out before runtime PM is disabled for a system sleep (<c>device_suspend_late()</c>, since
    /// Linux 6.15); before, it is given up.
    /// </summary>
    public bool ResumesBeforeLateSuspend { get; init; }

    /// <summary>
    /// A device may stay suspended up to <c>suspend_noirq</c> only if what it depends on may
    /// (<c>device_prepare_smart_suspend()</c>, since Linux 6.15); before, its driver alone says so.
    /// </summary>
    public bool InheritsSmartSuspend { get; init; }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(
            PreemptsVoluntarily,
            UsageCountMayUnderflow,
            MissingCallbackFails,
            DisabledActiveDeviceResumes,
            PreactivationCountsLinks,
            RecordsLastStatus,
            GetIfActiveIgnoresUsageCount,
            ActiveChildCountsAsUse,
            TracesStatus,
            FailedResumeMayBeRetried,
            CallbackAccessErrorIsTransient,
            PutOfSuspendedDeviceSucceeds,
            AutosuspendCallsMarkBusy,
            ForceSuspendLeavesUsedDeviceActive,
            PutAndBarrierReturnNothing,
            WokenCallersPreempt,
            MsleepAddsTick,
            ResumesBeforeLateSuspend,
            InheritsSmartSuspend);
    }
}
