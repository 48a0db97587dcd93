using System.Runtime.CompilerServices;

namespace VfioPm;

// The calls that suspend, resume and idle the device, with and without changing its usage count. Those that count a user know
// from which line they are called, for who looks for a count that leaked.
public sealed partial class RuntimePmDevice
{
    /// <summary>Counts a user and asks for a resume (<c>pm_runtime_get()</c>).</summary>
    /// <returns>0 if the resume is queued, 1 if the device is active, or an error; the count is up in any case.</returns>
    public KernelResult Get([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Resume(RpmFlags.GetPut | RpmFlags.Async, new CallSite(file, line));

    /// <summary>Counts a user and resumes the device (<c>pm_runtime_get_sync()</c>).</summary>
    /// <returns>0, 1 if it was active, or an error; the count is up in any case.</returns>
    public KernelResult GetSync([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Resume(RpmFlags.GetPut, new CallSite(file, line));

    /// <summary>Counts a user and nothing else (<c>pm_runtime_get_noresume()</c>).</summary>
    public void GetNoResume([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        lock (Core.Clock.Gate)
        {
            using var caller = new CallerScope(Core.Caller, new CallSite(file, line));
            PmRuntime.GetNoResume(this);
        }
    }

    /// <summary>Counts a user and resumes the device, or does neither (<c>pm_runtime_resume_and_get()</c>).</summary>
    /// <returns>0, or an error with the count as it was.</returns>
    public KernelResult ResumeAndGet([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        using KernelEntry entry = Call();
        using var caller = new CallerScope(Core.Caller, new CallSite(file, line));
        return entry.Run(PmRuntime.ResumeAndGet(this));
    }

    /// <summary>
    /// Counts a user if the device is active, and in use or <paramref name="ignoreUsageCount"/>
    /// (<c>pm_runtime_get_if_active()</c>; later kernels always ignore the count).
    /// </summary>
    /// <returns>1 if the user was counted, 0 if not, -EINVAL with runtime PM disabled.</returns>
    public KernelResult GetIfActive(
        bool ignoreUsageCount = true, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        lock (Core.Clock.Gate)
        {
            using var caller = new CallerScope(Core.Caller, new CallSite(file, line));
            return PmRuntime.GetConditionally(this, ignoreUsageCount || Core.Rules.GetIfActiveIgnoresUsageCount);
        }
    }

    /// <summary>Counts a user if the device is active and in use (<c>pm_runtime_get_if_in_use()</c>).</summary>
    /// <returns>1 if the user was counted, 0 if not, -EINVAL with runtime PM disabled.</returns>
    public KernelResult GetIfInUse([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        lock (Core.Clock.Gate)
        {
            using var caller = new CallerScope(Core.Caller, new CallSite(file, line));
            return PmRuntime.GetConditionally(
                this, Core.Rules.ActiveChildCountsAsUse && !IgnoresChildren && ChildCount > 0);
        }
    }

    /// <summary>Takes a user away and, after the last, asks for an idle notification (<c>pm_runtime_put()</c>).</summary>
    /// <returns>0, or why the device cannot go idle now; -EINVAL for a put without a get.</returns>
    public KernelResult Put() => Idle(RpmFlags.GetPut | RpmFlags.Async);

    /// <summary>Takes a user away and, after the last, sends the idle notification (<c>pm_runtime_put_sync()</c>).</summary>
    public KernelResult PutSync() => Idle(RpmFlags.GetPut);

    /// <summary>Takes a user away and, after the last, suspends (<c>pm_runtime_put_sync_suspend()</c>).</summary>
    public KernelResult PutSyncSuspend() => Suspend(RpmFlags.GetPut);

    /// <summary>
    /// Takes a user away and, after the last, asks for an autosuspend (<c>pm_runtime_put_autosuspend()</c>).
    /// </summary>
    public KernelResult PutAutosuspend() => Autosuspend(RpmFlags.GetPut | RpmFlags.Async);

    /// <summary>Takes a user away and, after the last, autosuspends (<c>pm_runtime_put_sync_autosuspend()</c>).</summary>
    public KernelResult PutSyncAutosuspend() => Autosuspend(RpmFlags.GetPut);

    /// <summary>Takes a user away and nothing else; never below zero (<c>pm_runtime_put_noidle()</c>).</summary>
    public void PutNoIdle()
    {
        lock (Core.Clock.Gate)
        {
            PmRuntime.PutNoIdle(this);
        }
    }

    /// <summary>
    /// Sends an idle notification, and suspends the device if nobody objects (<c>pm_runtime_idle()</c>).
    /// </summary>
    public KernelResult Idle() => Idle(RpmFlags.None);

    /// <summary>Suspends the device now (<c>pm_runtime_suspend()</c>).</summary>
    /// <returns>0, 1 if it is suspended, or why it cannot be.</returns>
    public KernelResult Suspend() => Suspend(RpmFlags.None);

    /// <summary>Suspends the device, once the autosuspend delay is over (<c>pm_runtime_autosuspend()</c>).</summary>
    public KernelResult Autosuspend() => Autosuspend(RpmFlags.None);

    /// <summary>Resumes the device now (<c>pm_runtime_resume()</c>).</summary>
    /// <returns>0, 1 if it is active, or an error.</returns>
    public KernelResult Resume() => Resume(RpmFlags.None);

    /// <summary>Queues an idle notification (<c>pm_request_idle()</c>).</summary>
    public KernelResult RequestIdle() => Idle(RpmFlags.Async);

    /// <summary>Queues a resume (<c>pm_request_resume()</c>).</summary>
    public KernelResult RequestResume() => Resume(RpmFlags.Async);

    /// <summary>Queues an autosuspend, or lets the timer run (<c>pm_request_autosuspend()</c>).</summary>
    public KernelResult RequestAutosuspend() => Autosuspend(RpmFlags.Async);

    /// <summary>
    /// Suspends the device after a time, whatever its autosuspend delay (<c>pm_schedule_suspend()</c>).
    /// </summary>
    /// <param name="delay">Milliseconds, as the kernel has it; 0 queues the suspend now.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or more milliseconds than an <c>int</c> holds.</exception>
    public KernelResult ScheduleSuspend(int delay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(delay);
        using KernelEntry entry = Call();
        return entry.Run(PmRuntime.ScheduleSuspend(this, delay));
    }

    /// <summary>The same, to the millisecond.</summary>
    /// <inheritdoc cref="ScheduleSuspend(int)"/>
    public KernelResult ScheduleSuspend(TimeSpan delay) => ScheduleSuspend(KernelTime.Milliseconds(delay, nameof(delay)));

    /// <summary>
    /// Waits for what is under way and takes back what is pending, except that a pending resume is carried out
    /// (<c>pm_runtime_barrier()</c>).
    /// </summary>
    /// <returns>1 if a resume was pending, even one that failed; else 0.</returns>
    public KernelResult Barrier()
    {
        using KernelEntry entry = Call();
        return entry.Run(PmRuntime.Barrier(this));
    }

    private KernelResult Idle(RpmFlags flags)
    {
        using KernelEntry entry = Call();
        return entry.Run(PmRuntime.Idle(this, flags));
    }

    private KernelResult Suspend(RpmFlags flags)
    {
        using KernelEntry entry = Call();
        return entry.Run(PmRuntime.Suspend(this, flags));
    }

    private KernelResult Autosuspend(RpmFlags flags)
    {
        using KernelEntry entry = Call();
        return entry.Run(PmRuntime.Autosuspend(this, flags));
    }

    private KernelResult Resume(RpmFlags flags, CallSite? site = null)
    {
        using KernelEntry entry = Call();
        using var caller = new CallerScope(Core.Caller, site);
        return entry.Run(PmRuntime.Resume(this, flags));
    }

    private KernelEntry Call() => KernelEntry.Call(Core.Kernel, Name);
}
