namespace VfioPm;

/// <summary>
/// What the clock holds for one device: its work item on <c>pm_wq</c> (<c>pm_runtime_work()</c>) and its suspend
/// timer (<c>pm_suspend_timer_fn()</c>).
/// </summary>
internal sealed class PendingWork : IEventTarget
{
    private const int Work = 0;
    private const int Timer = 1;

    private readonly RuntimePmDevice _device;
    private bool _queuedAgain;
    private Cause? _queuedBecause;

    public PendingWork(RuntimePmDevice device) => _device = device;

    private PendingWork(PendingWork original, ForkContext fork)
    {
        fork.Register(original, this);
        _device = fork.Of(original._device);
        IsQueued = original.IsQueued;
        IsRunning = original.IsRunning;
        _queuedAgain = original._queuedAgain;
        _queuedBecause = original._queuedBecause;
    }

    public int Index => _device.Index;

    /// <summary>Whether the work item waits for a worker.</summary>
    public bool IsQueued { get; private set; }

    /// <summary>Whether a worker is in the middle of the work item.</summary>
    public bool IsRunning { get; private set; }

    private VirtualClock Clock => _device.Core.Clock;

    /// <summary>
    /// <c>queue_work()</c>: an item never runs twice at once, so one queued while it runs comes after.
    /// </summary>
    public void QueueWork()
    {
        _queuedBecause = Clock.Cause;
        if (IsRunning)
        {
            _queuedAgain = true;
        }
        else if (!IsQueued)
        {
            IsQueued = true;
            Clock.Schedule(Clock.Now, this, Work);
        }
    }

    /// <summary><c>cancel_work_sync()</c> up to the point where it would wait for a running item.</summary>
    public void CancelWork()
    {
        IsQueued = false;
        _queuedAgain = false;
        Clock.Cancel(this, Work);
    }

    public void StartTimer(TimeSpan expires, TimeSpan slack, long began)
    {
        StopTimer();
        Clock.Schedule(expires, expires + slack, began, this, Timer);
    }

    public void StopTimer() => Clock.Cancel(this, Timer);

    public void Run(int tag)
    {
        if (tag == Timer)
        {
            _device.OnTimerExpired();
            return;
        }

        IsQueued = false;
        IsRunning = true;

        // Whoever queued the work is its cause, not the worker that got round to it.
        using (Clock.Because(_queuedBecause ?? Clock.Cause))
        {
            _device.Core.Begin(WorkRoutine.Instance, _device, RpmFlags.None);
        }
    }

    /// <summary>The worker is through with the item.</summary>
    public void WorkDone()
    {
        IsRunning = false;
        if (_queuedAgain)
        {
            _queuedAgain = false;
            QueueWork();
        }
    }

    public bool IsInterrupt(int tag) => tag == Timer;

    public Cause Describe(int tag) => new(tag == Work ? NameOf(_device.Request) : NameOfTimer, _device.Name);

    public IForkable Fork(ForkContext fork) => new PendingWork(this, fork);

    public void AddTo(ref StateHash hash)
    {
        hash.Add(IsQueued);
        hash.Add(IsRunning);
        hash.Add(_queuedAgain);
    }

    private string NameOfTimer => _device.TimerAutosuspends ? "autosuspend timer" : "scheduled suspend timer";

    private static string NameOf(RuntimePmRequest request) => request switch
    {
        RuntimePmRequest.Idle => "Idle request on pm_wq",
        RuntimePmRequest.Suspend => "Suspend request on pm_wq",
        RuntimePmRequest.Autosuspend => "Autosuspend request on pm_wq",
        RuntimePmRequest.Resume => "Resume request on pm_wq",
        _ => "cancelled request on pm_wq",
    };
}
