namespace VfioPm;

// Idle, suspend and resume, and their requests.
public sealed partial class RuntimePmDevice
{
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
    /// <param name="delay">Milliseconds; 0 queues the suspend now.</param>
    public KernelResult ScheduleSuspend(int delay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(delay);
        lock (Core.Clock.Gate)
        {
            if (delay == 0)
            {
                return Suspend(RpmFlags.Async);
            }

            KernelResult allowed = CheckSuspendAllowed();
            if (allowed.Value == 0)
            {
                CancelPending();
                TimerAutosuspends = false;
                StartTimer(Core.Clock.Now + TimeSpan.FromMilliseconds(delay), slack: TimeSpan.Zero, Core.Clock.MarkMoment());
            }

            return allowed;
        }
    }

    /// <summary>
    /// Waits for what is under way and takes back what is pending, except that a pending resume is carried out
    /// (<c>pm_runtime_barrier()</c>).
    /// </summary>
    /// <returns>1 if a resume was pending, even one that failed; else 0.</returns>
    public KernelResult Barrier()
    {
        lock (Core.Clock.Gate)
        {
            GetNoResume();
            bool resumes = IsResumePending;
            if (resumes)
            {
                Core.Run(ResumeRoutine.Instance, this, RpmFlags.None);
            }

            Core.Run(BarrierRoutine.Instance, this, RpmFlags.None);
            PutNoIdle();
            return resumes ? 1 : 0;
        }
    }

    /// <summary>Starts a resume with a count, by another actor (<see cref="GetSync"/>).</summary>
    public PendingCall BeginGetSync()
    {
        lock (Core.Clock.Gate)
        {
            GetNoResume();
            return new PendingCall(Core.Begin(ResumeRoutine.Instance, this, RpmFlags.GetPut));
        }
    }

    /// <summary>Starts a resume by another actor (<see cref="Resume()"/>).</summary>
    public PendingCall BeginResume() => Begin(ResumeRoutine.Instance);

    /// <summary>Starts a suspend by another actor (<see cref="Suspend()"/>).</summary>
    public PendingCall BeginSuspend() => Begin(SuspendRoutine.Instance);

    /// <summary>Starts an idle notification by another actor (<see cref="Idle()"/>).</summary>
    public PendingCall BeginIdle() => Begin(IdleRoutine.Instance);

    private PendingCall Begin(Routine routine)
    {
        lock (Core.Clock.Gate)
        {
            return new PendingCall(Core.Begin(routine, this, RpmFlags.None));
        }
    }

    private KernelResult Idle(RpmFlags flags) => PutAndRun(IdleRoutine.Instance, flags);

    private KernelResult Suspend(RpmFlags flags) => PutAndRun(SuspendRoutine.Instance, flags);

    private KernelResult PutAndRun(Routine routine, RpmFlags flags)
    {
        lock (Core.Clock.Gate)
        {
            if (flags.Has(RpmFlags.GetPut) && DropUser(flags) is { } result)
            {
                return result;
            }

            MightSleep(flags);
            return Core.Run(routine, this, flags);
        }
    }

    private KernelResult Autosuspend(RpmFlags flags)
    {
        lock (Core.Clock.Gate)
        {
            if (Core.Rules.AutosuspendCallsMarkBusy)
            {
                MarkLastBusy();
            }

            return Suspend(flags | RpmFlags.Auto);
        }
    }

    private KernelResult Resume(RpmFlags flags)
    {
        lock (Core.Clock.Gate)
        {
            if (Status != RuntimeStatus.Active)
            {
                MightSleep(flags);
            }

            if (flags.Has(RpmFlags.GetPut))
            {
                GetNoResume();
            }

            return Core.Run(ResumeRoutine.Instance, this, flags);
        }
    }

    /// <summary>
    /// A call that may sleep is a place where the thread gives way to work that is queued (<c>might_sleep()</c>).
    /// </summary>
    private void MightSleep(RpmFlags flags)
    {
        if (!flags.Has(RpmFlags.Async) && !IsIrqSafe)
        {
            Core.GiveWay();
        }
    }
}
