namespace VfioPm;

/// <summary>
/// A simulated kernel as a crowd: its threads, what they wait for, and who goes on. One thread runs at a time, until it
/// waits or its call returns; the clock wakes it again.
/// </summary>
/// <remarks>
/// A guest's kernel is one of its own, on the clock of its host. Which thread goes on where several could is the
/// <see cref="Scheduler"/>'s decision and, among those that are ready, the order of the clock's events.
/// </remarks>
public sealed partial class Kernel : INumbered, IReadyOrder
{
    private readonly Chain<KernelThread> _threads = new();
    private KernelThread? _unused;

    // Who makes calls one by one needs no more than these, which stay where they are.
    private KernelThread? _spare;
    private UserMemory? _spareMemory;
    private readonly Stack<UserMemory> _unusedMemory = [];
    private IKernelScheduler _scheduler = StockScheduler.Instance;

    /// <param name="clock">The clock of its machine.</param>
    /// <param name="index"><see cref="Index"/>.</param>
    internal Kernel(VirtualClock clock, int index = 0)
    {
        Clock = clock;
        Index = index;
        Outside = new KernelThread(this);
    }

    private Kernel(Kernel original, ForkContext fork)
    {
        if (original.Current is not null)
        {
            throw new InvalidOperationException("A host cannot be forked from inside a call that it is carrying out.");
        }

        fork.Register(original, this);
        Clock = fork.Of(original.Clock);
        Index = original.Index;
        _scheduler = original._scheduler;
        GivesWay = original.GivesWay;
        WokenCallersPreempt = original.WokenCallersPreempt;
        MsleepAddsTick = original.MsleepAddsTick;
        JiffiesAtBoot = original.JiffiesAtBoot;
        LockOrder = new LockOrder(original.LockOrder);
        LostUpdates = original.LostUpdates;
        Outside = fork.Of(original.Outside);
        foreach (KernelThread thread in original._threads)
        {
            _threads.Add(fork.Of(thread));
        }
    }

    /// <summary>The time that threads sleep by.</summary>
    public VirtualClock Clock { get; }

    /// <summary>
    /// The threads that are in the middle of a call, in the order in which they began to wait for somebody, or first had to wait.
    /// </summary>
    public IReadOnlyList<KernelThread> Threads
    {
        get
        {
            lock (Clock.Gate)
            {
                List<KernelThread> threads = [];
                foreach (KernelThread thread in _threads)
                {
                    threads.Add(thread);
                }

                return threads.AsReadOnly();
            }
        }
    }

    /// <summary>Whether there is any.</summary>
    internal bool HasThreads => _threads.First is not null;

    /// <summary>Whether a thread goes on where another might.</summary>
    /// <exception cref="ArgumentNullException">None is set.</exception>
    public IKernelScheduler Scheduler
    {
        get => _scheduler;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _scheduler = value;
            if (Index == 0)
            {
                // The order of the stock is that of the queue, and costs nothing.
                Clock.Order = value is not StockScheduler ? this : Clock.Order == this ? null : Clock.Order;
            }
        }
    }

    /// <summary>In which order locks were taken.</summary>
    public LockOrder LockOrder { get; } = new();

    /// <summary>
    /// Whether callers give way to what is ready where they may sleep, as threads of a kernel with voluntary preemption
    /// usually do; a caller of real-time priority does not. In the end it is the scheduler's choice.
    /// </summary>
    public bool GivesWay { get; set; }

    /// <summary>
    /// Whether a caller who was woken, or an interrupt's thread, takes the processor from whoever drops a lock, as preemptible kernels have it
    /// (<c>CONFIG_PREEMPT_LAZY</c>).
    /// </summary>
    internal bool WokenCallersPreempt { get; init; }

    /// <summary>0 for the host's, and for those of its guests their numbers from 1 on.</summary>
    internal int Index { get; }

    int INumbered.Index => Index;

    /// <summary>The thread that runs, if one does.</summary>
    internal KernelThread? Current { get; set; }

    /// <summary>How many threads wait to be woken by others.</summary>
    internal int Waiters { get; set; }

    /// <summary>Who takes locks from outside of the kernel: a test that stands for a thread.</summary>
    internal KernelThread Outside { get; }

    internal bool HasWokenCaller
    {
        get
        {
            foreach (KernelThread thread in _threads)
            {
                if (thread.IsWokenCaller)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private KernelThread Running => Current
        ?? throw new InvalidOperationException("Only a thread of the simulated kernel can wait.");

    IForkable IForkable.Fork(ForkContext fork) => new Kernel(this, fork);

    /// <summary>
    /// Waits until somebody wakes those that wait on a queue. Who does so looks again afterwards whether what he waits for
    /// has come true (<c>prepare_to_wait()</c>, <c>schedule()</c>).
    /// </summary>
    internal KernelWait WaitOn(IWaitQueue queue) => Running.WillWait(WaitKind.Woken, default, queue);

    /// <summary>The same, but at most for a time.</summary>
    internal KernelWait WaitOn(IWaitQueue queue, TimeSpan atMost) =>
        Running.WillWait(WaitKind.WokenInTime, Clock.Now + atMost, queue);

    /// <summary>Waits until a thread, of this kernel or another, has made its call.</summary>
    internal KernelWait Join(KernelThread other)
    {
        if (other.HasEnded)
        {
            other.HandThrownTo(Current);
            return KernelWait.Over;
        }

        other.JoinBy(Running);
        return WaitOn(other);
    }

    /// <summary>
    /// Wakes all that wait on a queue (<c>wake_up_all()</c>), the last first: who begins to wait is put at its head
    /// (<c>prepare_to_wait()</c>).
    /// </summary>
    internal void WakeAll(IWaitQueue queue)
    {
        for (KernelThread? thread = _threads.Last; thread is not null && Waiters > 0; thread = Chain<KernelThread>.Before(thread))
        {
            if (thread.WaitsOn == queue)
            {
                thread.Wake();
            }
        }
    }

    /// <summary>The thread sleeps for a moment, and what is ready runs meanwhile (<c>schedule()</c>).</summary>
    internal KernelWait Yield() =>
        Clock.IsAnythingDue ? Running.WillWait(WaitKind.Resched, Clock.Now) : KernelWait.Over;

    /// <summary>
    /// What follows happens because of this, and is told as an operation on a device; who says so brings the cause back
    /// that held before (<see cref="VirtualClock.Cause"/>).
    /// </summary>
    /// <returns>The cause that held before.</returns>
    internal Cause? Because(string what, string device)
    {
        Cause? before = Clock.Cause;
        if (Clock.Operations.IsHeard)
        {
            Clock.TellOperation(what, device);
            Current?.Carries(new Cause(what, device));
        }

        Clock.Cause = new Cause(what, device);
        return before;
    }

    /// <summary>A call returned to whoever made it: who listens is told, and the result knows what it is of.</summary>
    internal KernelResult Tell(KernelThread thread, int result)
    {
        if (!Clock.Operations.IsHeard)
        {
            return result;
        }

        if (thread.Operation is { Device: { } device } operation)
        {
            Clock.TellReturn(operation.What, device, result);
        }

        return OfCall(thread, result);
    }

    /// <summary>The result of a thread's call, which knows what it is of.</summary>
    internal KernelResult OfCall(KernelThread thread, int result) =>
        !Clock.Operations.IsHeard ? result
        : new KernelResult(result) { Call = new ReturnedCall(Clock, thread.Device, thread.Operation) };

    /// <summary>A thread for a call that begins.</summary>
    internal KernelThread Begin(ThreadKind kind, string? device)
    {
        KernelThread thread = _spare is { IsUnused: true } spare ? spare : TakeUnused();
        thread.Begin(kind, device);
        return thread;
    }

    /// <summary>Nobody asks for the thread any more.</summary>
    internal void Recycle(KernelThread thread)
    {
        thread.IsUnused = true;
        if (thread != _spare)
        {
            thread.NextUnused = _unused;
            _unused = thread;
        }
    }

    /// <summary>The spare one is busy: another is it from now on.</summary>
    private KernelThread TakeUnused()
    {
        KernelThread thread = _unused ?? new KernelThread(this);
        _unused = thread.NextUnused;
        thread.NextUnused = null;
        _spare = thread;
        return thread;
    }

    /// <summary>Memory for what a user passes to a call, or gets from it.</summary>
    internal UserMemory RentMemory(int length)
    {
        UserMemory memory = _spareMemory is { IsUnused: true } spare && spare.TryRenew(length) ? spare : TakeUnusedMemory(length);
        memory.IsUnused = false;
        return memory;
    }

    /// <summary>The call is over.</summary>
    internal void Return(UserMemory memory)
    {
        memory.IsUnused = true;
        if (memory != _spareMemory)
        {
            _unusedMemory.Push(memory);
        }
    }

    private UserMemory TakeUnusedMemory(int length)
    {
        const int UsualLength = 64;
        _spareMemory = _unusedMemory.TryPop(out UserMemory? memory) && memory.TryRenew(length)
            ? memory
            : new UserMemory(Math.Max(length, UsualLength)).Resized(length);
        return _spareMemory;
    }

    internal void OnSuspended(KernelThread thread)
    {
        if (!thread.IsWaiting)
        {
            thread.IsWaiting = true;
            _threads.Add(thread);
        }
        else if (thread.WaitsOn is not null)
        {
            MoveToEnd(thread);
        }
    }

    /// <summary>A thread gave way or began to wait, and those that did so before come before it.</summary>
    internal void MoveToEnd(KernelThread thread)
    {
        _threads.Remove(thread);
        _threads.Add(thread);
    }

    /// <summary>What a thread waited for has come true: it runs until it waits again, or its call returns.</summary>
    internal void GoOn(KernelThread thread)
    {
        KernelThread? interrupted = Current;
        ICallUnderWay? outer = Clock.Calls.Innermost;
        using (Clock.Because(thread.Cause))
        {
            Current = thread;
            Clock.Calls.Innermost = thread;
            thread.RunFrames();
        }

        Current = interrupted;
        if (thread.HasEnded)
        {
            _threads.Remove(thread);
            thread.End();
        }

        Clock.Calls.Innermost = outer;
        if (thread is { HasEnded: true, IsWorker: true })
        {
            Recycle(thread);
            thread.HandThrownTo(outer);
        }
    }

    /// <summary>The kernel stops for ever: no call goes on.</summary>
    internal void Halt()
    {
        while (_threads.First is { } thread)
        {
            _threads.Remove(thread);
            thread.Halt();
        }
    }
}
