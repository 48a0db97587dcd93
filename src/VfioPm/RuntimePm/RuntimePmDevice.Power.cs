namespace VfioPm;

// What the functions of runtime PM have in common: the conditions, the requests, the timer and the trace.
public sealed partial class RuntimePmDevice
{
    /// <summary>Whether a worker is carrying out the device's work item.</summary>
    internal bool IsWorkRunning => _pending.IsRunning;

    /// <summary>Whether its work item is queued or being carried out.</summary>
    internal bool HasWork => _pending.IsQueued || _pending.IsRunning;

    /// <summary>Whether it stays suspended up to <c>suspend_noirq</c> (<c>dev_pm_skip_suspend()</c>).</summary>
    internal bool IsSuspendSkipped => _sleep.SmartSuspend && Status == RuntimeStatus.Suspended;

    /// <summary>Whether a resume waits for a worker.</summary>
    internal bool IsResumePending => RequestPending && Request == RuntimePmRequest.Resume;

    internal bool IsPreventedByDelay => UseAutosuspend && AutosuspendDelay < 0;

    /// <summary>How many of the counts are the administrator's: one while he keeps the device on, and one while its delay is below zero.</summary>
    internal int UsageOfAdministrator => (RuntimeAuto ? 0 : 1) + (IsPreventedByDelay ? 1 : 0);

    internal bool IsKeptAsleepByParent =>
        Status != RuntimeStatus.Active
        && Parent is { IsEnabled: true, IgnoresChildren: false } parent
        && parent.Status != RuntimeStatus.Active;

    private bool IsTraced => Core.Events.IsHeard;

    private bool IsInUse => Core.Rules.UsageCountMayUnderflow ? UsageCount > 0 : UsageCount != 0;

    /// <summary>A resume that was asked for takes precedence over any suspend.</summary>
    private bool IsResumeRequested => (DeferredResume && Status == RuntimeStatus.Suspending) || IsResumePending;

    /// <summary>When the device will have been unused for long enough, or null if that is now.</summary>
    internal TimeSpan? AutosuspendExpiration
    {
        get
        {
            TimeSpan expires = LastBusy + TimeSpan.FromMilliseconds(AutosuspendDelay);
            return UseAutosuspend && expires > Core.Clock.Now ? expires : null;
        }
    }

    /// <summary>
    /// Whether the device may suspend: 0, or 1 if it is suspended already, or the first reason why not
    /// (<c>rpm_check_suspend_allowed()</c>). The order of the reasons is part of the interface.
    /// </summary>
    internal int CheckSuspendAllowed() =>
        Error != 0 ? -Errno.EINVAL
        : !IsEnabled ? -Errno.EACCES
        : IsInUse ? -Errno.EAGAIN
        : !IgnoresChildren && ChildCount != 0 ? -Errno.EBUSY
        : IsResumeRequested ? -Errno.EAGAIN
        : ResumeLatencyLimit == 0 ? -Errno.EPERM
        : Status == RuntimeStatus.Suspended ? 1
        : 0;

    /// <summary>Whether there is such a callback; a test's own that throws is none.</summary>
    internal bool HasCallback(RuntimePmCallback callback)
    {
        try
        {
            return CallbacksFor(callback).Has(callback);
        }
        catch (Exception thrown)
        {
            Core.Clock.Calls.Keep(thrown);
            return false;
        }
    }

    /// <summary><c>__update_runtime_status()</c>.</summary>
    internal void SetStatus(RuntimeStatus status)
    {
        RuntimeStatus before = Status;
        AccountTime();
        if (IsTraced && Core.Rules.TracesStatus)
        {
            Trace(RpmTracepoint.Status, default, default, default, status);
        }

        Status = status;
        if (before != status)
        {
            Core.Events.Tell((this, before), static (listener, in it) => listener.OnStatus(it.Item1, it.before));
        }
    }

    /// <summary>Time counts, from now on (<c>pm_runtime_enable()</c>).</summary>
    internal void BeginAccounting() => _times.Begin(Core.Clock.Now);

    /// <summary>What has passed counts, before what it is told by changes (<c>update_pm_runtime_accounting()</c>).</summary>
    internal void AccountTime()
    {
        if (IsEnabled)
        {
            _times.Account(Status, Core.Clock.Now);
        }
    }

    /// <summary>A child fell asleep.</summary>
    internal void DropActiveChild() => ChildCount--;

    internal void MarkBusy()
    {
        LastBusy = Core.Clock.Now;
        _busyMark = Core.Clock.MarkMoment();
    }

    /// <summary>Queues a request, or replaces the one whose work item is queued already.</summary>
    internal void Queue(RuntimePmRequest request)
    {
        Request = request;
        if (!RequestPending)
        {
            RequestPending = true;
            _pending.Queue();
        }
    }

    /// <summary>Takes the request that the work item was queued for.</summary>
    internal RuntimePmRequest TakeRequest()
    {
        RuntimePmRequest request = Request;
        Request = RuntimePmRequest.None;
        RequestPending = false;
        return request;
    }

    internal void CancelWork() => _pending.Cancel();

    /// <summary>
    /// Cancels a request and the timer (<c>pm_runtime_cancel_pending()</c>). The work item stays queued: taking it back might
    /// have to wait for it, and it will find nothing to do.
    /// </summary>
    internal void CancelPending()
    {
        DeactivateTimer();
        Request = RuntimePmRequest.None;
    }

    internal void DeactivateTimer()
    {
        if (TimerExpires is not null)
        {
            _pending.StopTimer();
            TimerExpires = null;
        }
    }

    /// <summary>
    /// Lets the timer run until the autosuspend delay is over. One that is due earlier is left alone: when it fires the delay
    /// is looked at again.
    /// </summary>
    internal void ArmAutosuspendTimer(TimeSpan expires)
    {
        if (TimerExpires is null || TimerExpires > expires)
        {
            // A quarter of the delay as slack lets the machine gather wakeups.
            StartTimer(expires, TimeSpan.FromMicroseconds(250L * AutosuspendDelay), _busyMark);
        }

        TimerAutosuspends = true;
    }

    /// <summary>Lets the timer run for a time, whatever the autosuspend delay.</summary>
    internal void StartSuspendTimer(TimeSpan delay)
    {
        TimerAutosuspends = false;
        StartTimer(Core.Clock.Now + delay, slack: TimeSpan.Zero, Core.Clock.MarkMoment());
    }

    /// <summary><c>pm_suspend_timer_fn()</c>.</summary>
    internal KernelCall OnTimerExpired()
    {
        TimerExpires = null;
        return Rpm.Suspend(this, TimerAutosuspends ? RpmFlags.Async | RpmFlags.Auto : RpmFlags.Async);
    }

    /// <summary>The kernel stops: neither the timer nor the work item comes any more.</summary>
    internal void Halt()
    {
        DeactivateTimer();
        CancelWork();
        WakeIrq?.Cancel();
    }

    /// <summary>Whether it is the other, or needs it, however indirectly.</summary>
    internal bool DependsOn(RuntimePmDevice other) =>
        this == other
        || (Parent?.DependsOn(other) ?? false)
        || _suppliers.Exists(link => link.Supplier.DependsOn(other));

    internal DeviceLink FindOrMakeLink(RuntimePmDevice supplier)
    {
        DeviceLink? link = _suppliers.Find(known => known.Supplier == supplier);
        if (link is not null)
        {
            link.References++;
            return link;
        }

        link = new DeviceLink(this, supplier);
        _suppliers.Add(link);
        return link;
    }

    internal void Forget(DeviceLink link) => _suppliers.Remove(link);

    /// <summary>Where a link is among the device's, or something else where it is no longer.</summary>
    internal int PlaceOf(DeviceLink link, int otherwise) => _suppliers.IndexOf(link) is >= 0 and int place ? place : otherwise;

    /// <summary>Gives the references on all suppliers back (<c>__rpm_put_suppliers()</c>).</summary>
    internal void ReleaseSuppliers()
    {
        foreach (DeviceLink link in _suppliers)
        {
            link.ReleaseSupplier();
        }
    }

    internal void TraceCall(RpmTracepoint tracepoint, RpmFlags flags)
    {
        if (IsTraced)
        {
            Trace(tracepoint, default, flags, default, default);
        }
    }

    internal void TraceReturn(RpmTracepoint function, int result)
    {
        if (IsTraced)
        {
            Trace(RpmTracepoint.ReturnInt, function, default, result, default);
        }
    }

    private void StartTimer(TimeSpan expires, TimeSpan slack, long began)
    {
        DeactivateTimer();
        TimerExpires = expires;
        _pending.StartTimer(expires, slack, began);
    }

    private void Trace(
        RpmTracepoint tracepoint, RpmTracepoint function, RpmFlags flags, int result, RuntimeStatus status)
    {
        var trace = new RpmTraceEvent(
            tracepoint, Name, function, flags, UsageCount, DisableDepth, RuntimeAuto, RequestPending, IsIrqSafe,
            ChildCount, result, status);
        Core.Events.Tell(in trace, static (listener, in it) => listener.OnTrace(in it));
    }
}
