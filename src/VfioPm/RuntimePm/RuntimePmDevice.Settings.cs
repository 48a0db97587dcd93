namespace VfioPm;

// What drivers and user space decide about a device's runtime PM.
public sealed partial class RuntimePmDevice
{
    /// <summary>Takes one disabling back (<c>pm_runtime_enable()</c>); one too many only warns.</summary>
    public void Enable()
    {
        lock (Core.Clock.Gate)
        {
            if (DisableDepth == 0)
            {
                RuntimePmLog.UnbalancedEnable(Core.Logger, Name);
                return;
            }

            if (--DisableDepth > 0)
            {
                return;
            }

            LastStatus = RuntimeStatus.Invalid;
            if (Status == RuntimeStatus.Suspended && !IgnoresChildren && ChildCount > 0)
            {
                RuntimePmLog.EnabledWithActiveChildren(Core.Logger, Name);
            }
        }
    }

    /// <summary>
    /// Stops runtime PM for the device until it is enabled as often, once what is under way has ended
    /// (<c>pm_runtime_disable()</c>).
    /// </summary>
    /// <param name="carryOutPendingResume">
    /// Whether a resume that somebody asked for is carried out first (<c>__pm_runtime_disable()</c>'s
    /// <c>check_resume</c>): there is probably I/O to be done.
    /// </param>
    public void Disable(bool carryOutPendingResume = true)
    {
        lock (Core.Clock.Gate)
        {
            if (carryOutPendingResume && IsResumePending)
            {
                GetNoResume();
                Core.Run(ResumeRoutine.Instance, this, RpmFlags.None);
                PutNoIdle();
            }

            if (DisableDepth++ == 0)
            {
                Core.Run(BarrierRoutine.Instance, this, RpmFlags.None);
                LastStatus = Core.Rules.RecordsLastStatus ? Status : RuntimeStatus.Invalid;
            }
        }
    }

    /// <summary>
    /// User space allows runtime PM (<c>pm_runtime_allow()</c>; "auto" to <c>power/control</c>): gives back the
    /// user that <see cref="Forbid"/> counted.
    /// </summary>
    public void Allow()
    {
        lock (Core.Clock.Gate)
        {
            if (RuntimeAuto)
            {
                return;
            }

            const RpmFlags Flags = RpmFlags.Auto | RpmFlags.Async;
            RuntimeAuto = true;
            if (DropUser(Flags) is null)
            {
                Core.Run(IdleRoutine.Instance, this, Flags);
            }
        }
    }

    /// <summary>User space forbids runtime PM (<c>pm_runtime_forbid()</c>; "on" to <c>power/control</c>).</summary>
    public void Forbid()
    {
        lock (Core.Clock.Gate)
        {
            if (RuntimeAuto)
            {
                RuntimeAuto = false;
                GetNoResume();
                Core.Run(ResumeRoutine.Instance, this, RpmFlags.None);
            }
        }
    }

    /// <summary>Starts the autosuspend delay anew (<c>pm_runtime_mark_last_busy()</c>).</summary>
    public void MarkLastBusy()
    {
        LastBusy = Core.Clock.Now;
        _busyMark = Core.Clock.MarkMoment();
    }

    /// <summary>Lets suspends wait for the autosuspend delay, or not (<c>pm_runtime_use_autosuspend()</c>).</summary>
    public void SetUseAutosuspend(bool use)
    {
        lock (Core.Clock.Gate)
        {
            bool prevented = IsPreventedByDelay;
            UseAutosuspend = use;
            AutosuspendChanged(prevented);
        }
    }

    /// <summary>Sets the autosuspend delay (<c>pm_runtime_set_autosuspend_delay()</c>).</summary>
    /// <param name="delay">Milliseconds; a negative value prevents suspending while autosuspend is in use.</param>
    public void SetAutosuspendDelay(int delay)
    {
        lock (Core.Clock.Gate)
        {
            bool prevented = IsPreventedByDelay;
            AutosuspendDelay = delay;
            AutosuspendChanged(prevented);
        }
    }

    /// <summary>The device has no callbacks and follows its parent (<c>pm_runtime_no_callbacks()</c>).</summary>
    public void SetNoCallbacks() => HasNoCallbacks = true;

    /// <summary>
    /// The callbacks may run with interrupts disabled (<c>pm_runtime_irq_safe()</c>). The parent cannot be
    /// resumed there, so it is held from now on: once for each call.
    /// </summary>
    public void SetIrqSafe()
    {
        lock (Core.Clock.Gate)
        {
            Parent?.GetSync();
            IsIrqSafe = true;
        }
    }

    /// <summary>
    /// Lets the device sleep while children are active, or not (<c>pm_suspend_ignore_children()</c>).
    /// </summary>
    public void SetIgnoreChildren(bool ignore) => IgnoresChildren = ignore;

    /// <summary>Asks that resuming take at most so long (<c>dev_pm_qos_add_request()</c>, resume latency).</summary>
    /// <param name="microseconds">The limit; 0 forbids suspending.</param>
    /// <returns>1 if the tightest limit changed, else 0.</returns>
    public KernelResult AddResumeLatencyRequest(int microseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(microseconds);
        lock (Core.Clock.Gate)
        {
            int? before = ResumeLatencyLimit;
            _resumeLatencyRequests.Add(microseconds);
            return ResumeLatencyLimit == before ? 0 : 1;
        }
    }

    /// <summary>Takes a request back (<c>dev_pm_qos_remove_request()</c>).</summary>
    /// <returns>1 if the tightest limit changed, else 0; -EINVAL if there is no such request.</returns>
    public KernelResult RemoveResumeLatencyRequest(int microseconds)
    {
        lock (Core.Clock.Gate)
        {
            int? before = ResumeLatencyLimit;
            return !_resumeLatencyRequests.Remove(microseconds) ? Errno.EINVAL
                : ResumeLatencyLimit == before ? 0
                : 1;
        }
    }

    private bool IsPreventedByDelay => UseAutosuspend && AutosuspendDelay < 0;

    /// <summary>
    /// A negative delay counts as one user while autosuspend is in use (<c>update_autosuspend()</c>).
    /// </summary>
    private void AutosuspendChanged(bool wasPrevented)
    {
        if (!IsPreventedByDelay)
        {
            UsageCount -= wasPrevented ? 1 : 0;
            Core.Run(IdleRoutine.Instance, this, RpmFlags.Auto);
        }
        else if (!wasPrevented)
        {
            GetNoResume();
            Core.Run(ResumeRoutine.Instance, this, RpmFlags.None);
        }
        else
        {
            TraceCall(RpmTracepoint.Usage, RpmFlags.None);
        }
    }
}
