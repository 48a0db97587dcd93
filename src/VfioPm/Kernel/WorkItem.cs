namespace VfioPm;

/// <summary>
/// Work that a worker carries out later (<c>struct work_struct</c>, <c>struct delayed_work</c>). An item never runs twice at
/// once: one that is queued while it runs comes after.
/// </summary>
internal abstract class WorkItem : IEventTarget, INumbered
{
    /// <summary>The tag of the item's event among others that a derived class may have.</summary>
    protected const int Work = 0;

    private bool _queuedAgain;
    private Cause? _queuedBecause;

    protected WorkItem()
    {
    }

    protected WorkItem(WorkItem original, ForkContext fork)
    {
        fork.Register(original, this);
        IsQueued = original.IsQueued;
        IsRunning = original.IsRunning;
        _queuedAgain = original._queuedAgain;
        _queuedBecause = original._queuedBecause;
    }

    public abstract int Index { get; }

    int IEventTarget.Index => Kernel.NumberOf(Index);

    string? IEventTarget.HostDevice => Kernel.IsGuest ? null : Device;

    /// <summary>Whether it waits for a worker.</summary>
    public bool IsQueued { get; private set; }

    /// <summary>Whether a worker is in the middle of it.</summary>
    public bool IsRunning { get; private set; }

    protected abstract Kernel Kernel { get; }

    /// <summary>Who stands still together with whoever does the work, on a machine that goes to sleep.</summary>
    protected virtual Frozen FrozenWith => Frozen.None;

    /// <summary>Who does it: a worker, which takes one item after the other, unless an interrupt has a thread of its own.</summary>
    protected virtual ThreadKind DoneBy(int tag) => ThreadKind.Worker;

    /// <summary>Whose work it is, for people.</summary>
    public abstract string? Device { get; }

    /// <summary>Why it is done: whoever queued it is the cause, not the worker that got round to it.</summary>
    protected virtual Cause? Because => _queuedBecause ?? Clock.Cause;

    private VirtualClock Clock => Kernel.Clock;

    /// <summary><c>queue_work()</c>, or after a delay <c>queue_delayed_work()</c>.</summary>
    public void Queue(TimeSpan delay = default)
    {
        _queuedBecause = Clock.Cause;
        if (IsRunning && delay == TimeSpan.Zero)
        {
            _queuedAgain = true;
        }
        else if (!IsQueued)
        {
            IsQueued = true;
            Clock.Schedule(Clock.Now + delay, this, Work);
        }
    }

    /// <summary><c>cancel_work_sync()</c> up to the point where it would wait for a running item.</summary>
    public void Cancel()
    {
        _queuedAgain = false;
        if (IsQueued)
        {
            IsQueued = false;
            Clock.Cancel(this, Work);
        }
    }

    public virtual void Run(int tag)
    {
        IsQueued = false;
        if (IsRunning)
        {
            // A delayed item whose time has come while a worker is still in the middle of it.
            _queuedAgain = true;
            return;
        }

        IsRunning = true;
        using KernelEntry entry = KernelEntry.Worker(Kernel, DoneBy(tag), Because, Device);
        entry.Start(RunItem());
    }

    public bool IsHeld(int tag) => (Clock.Frozen & (Kernel.IsGuest ? Frozen.Users : tag == Work ? FrozenWith : Frozen.None)) != 0;

    public virtual bool IsInterrupt(int tag) => false;

    public bool TakesTurns(int tag) => DoneBy(tag) == ThreadKind.Worker;

    public bool IsRealTime(int tag) => DoneBy(tag) == ThreadKind.Interrupt;

    public virtual bool IsRecurring(int tag) => false;

    public abstract Cause Describe(int tag);

    public abstract IForkable Fork(ForkContext fork);

    public virtual void AddTo(ref StateHash hash)
    {
        hash.Add(IsQueued, IsRunning, _queuedAgain);
    }

    /// <summary>The work's function.</summary>
    protected abstract KernelCall Execute();

    /// <summary>The worker is through with it.</summary>
    protected virtual void Done()
    {
        IsRunning = false;
        if (_queuedAgain)
        {
            _queuedAgain = false;
            Queue();
        }
    }

    private KernelCall RunItem()
    {
        KernelCall work = KernelCall.Returned;
        try
        {
            work = Execute();
        }
        finally
        {
            if (work.Frame is null)
            {
                Done();
            }
        }

        return work.Frame is null ? work : AwaitItem(work);
    }

    private async KernelCall AwaitItem(KernelCall work)
    {
        try
        {
            await work;
        }
        finally
        {
            Done();
        }
    }
}
