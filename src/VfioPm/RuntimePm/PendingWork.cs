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

    public PendingWork(RuntimePmDevice device) => _device = device;

    private PendingWork(PendingWork original, ForkContext fork)
    {
        fork.Register(original, this);
        _device = fork.Of(original._device);
        IsQueued = original.IsQueued;
        IsRunning = original.IsRunning;
        _queuedAgain = original._queuedAgain;
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

    public void StartTimer(TimeSpan expires, TimeSpan slack)
    {
        StopTimer();
        Clock.Schedule(expires, expires + slack, this, Timer);
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
        _device.Core.Begin(WorkRoutine.Instance, _device, RpmFlags.None);
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

    public string Describe(int tag) => tag == Work
        ? $"{_device.Name}: {_device.Request} request on pm_wq"
        : $"{_device.Name}: {(_device.TimerAutosuspends ? "autosuspend" : "scheduled suspend")} timer";

    public IForkable Fork(ForkContext fork) => new PendingWork(this, fork);

    public void AddTo(ref StateHash hash)
    {
        hash.Add(IsQueued);
        hash.Add(IsRunning);
        hash.Add(_queuedAgain);
    }
}
