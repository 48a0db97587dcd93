namespace VfioPm;

/// <summary>
/// Work that a worker carries out later (<c>struct work_struct</c>, <c>struct delayed_work</c>). An item never runs twice at
/// once: whoever comes to one that is queued while it runs leaves it to the worker that has it, who does it next
/// (<c>assign_work()</c>).
/// </summary>
internal abstract class WorkItem : IEventTarget, INumbered
{
    /// <summary>The tag of the item's event among others that a derived class may have.</summary>
    protected const int Work = 0;

    // Whether the worker that has it does it once more.
    private bool _isNext;
    private Cause? _queuedBecause;

    protected WorkItem()
    {
    }

    protected WorkItem(WorkItem original, ForkContext fork)
    {
        fork.Register(original, this);
        IsQueued = original.IsQueued;
        IsRunning = original.IsRunning;
        _isNext = original._isNext;
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
        if (!IsQueued)
        {
            IsQueued = true;
            Clock.Schedule(Clock.Now + delay, this, Work);
        }
    }

    /// <summary><c>cancel_work_sync()</c> up to the point where it would wait for a running item.</summary>
    public void Cancel()
    {
        _isNext = false;
        if (IsQueued)
        {
            IsQueued = false;
            Clock.Cancel(this, Work);
        }
    }

    public virtual void Run(int tag)
    {
        if (IsRunning)
        {
            _isNext = true;
            return;
        }

        Begin();
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
        hash.Add(IsQueued, IsRunning, _isNext);
    }

    /// <summary>The work's function.</summary>
    protected abstract KernelCall Execute();

    /// <summary>The worker is through with it.</summary>
    protected virtual void Done() => IsRunning = false;

    private void Begin()
    {
        IsQueued = false;
        IsRunning = true;
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
            // Its frame is used up, and no fork may copy it.
            work = KernelCall.Returned;
            Done();
        }

        while (_isNext)
        {
            // cond_resched() of process_one_work(): it may be cancelled here.
            await Kernel.MightSleep();
            if (_isNext)
            {
                _isNext = false;
                Begin();
                try
                {
                    await Execute();
                }
                finally
                {
                    Done();
                }
            }
        }
    }
}
