namespace VfioPm;

/// <summary>
/// The way from outside into the kernel: the host's gate is taken, once, a thread begins, and what somebody does is the
/// cause of what it does.
/// </summary>
/// <remarks>
/// The call is made after the entry: <c>using var entry = KernelEntry.Call(…); return entry.Run(Rpm.Resume(…));</c>.
/// </remarks>
internal readonly ref struct KernelEntry
{
    // All else is the thread's, for a structure of several fields is copied on its way to who makes the call.
    private readonly KernelThread _thread;

    private KernelEntry(Kernel kernel, string? device, ThreadKind kind = ThreadKind.Caller, bool waits = false)
    {
        if (kind == ThreadKind.Caller)
        {
            // Workers are called by the clock, and who lets time pass has the gate.
            kernel.Clock.Gate.Enter();
            if (kernel.Clock.Frozen != Frozen.None)
            {
                MeetFreezer(kernel, waits);
            }
        }

        _thread = kernel.Begin(kind, device);
        _thread.Interrupted.By(_thread);
    }

    private Kernel Kernel => _thread.Kernel;

    /// <summary>Somebody calls, and lets time pass until the call returns.</summary>
    public static KernelEntry Call(Kernel kernel, string device)
    {
        var entry = new KernelEntry(kernel, device, waits: true);
        kernel.Clock.Horizon = new Horizon(TimeSpan.MaxValue, entry._thread);
        return entry;
    }

    /// <summary>The same for what is an operation of somebody, with a name.</summary>
    public static KernelEntry Call(Kernel kernel, string what, string device)
    {
        KernelEntry entry = Call(kernel, device);
        kernel.Because(what, device);
        return entry;
    }

    /// <summary>Somebody else begins a call, which goes on as time passes.</summary>
    public static KernelEntry Begin(Kernel kernel, string device)
    {
        var entry = new KernelEntry(kernel, device);
        kernel.Clock.Horizon = Horizon.None;
        return entry;
    }

    /// <summary>The same for what is an operation of somebody, with a name.</summary>
    public static KernelEntry Begin(Kernel kernel, string what, string device)
    {
        KernelEntry entry = Begin(kernel, device);
        kernel.Because(what, device);
        return entry;
    }

    /// <summary>
    /// A thread of another kernel, or of a process, calls: a virtual processor leaves its guest. It waits for the thread that
    /// makes the call (<see cref="Kernel.Join"/>), and time passes as for itself.
    /// </summary>
    public static KernelEntry Exit(Kernel kernel, string device) => new(kernel, device);

    /// <summary>A worker, or an interrupt's thread, begins with an item that was queued because of something.</summary>
    public static KernelEntry Worker(Kernel kernel, ThreadKind kind, Cause? cause, string? device)
    {
        var entry = new KernelEntry(kernel, device, kind);
        kernel.Clock.Cause = cause;
        return entry;
    }

    /// <summary>What the call returns, once it does.</summary>
    /// <exception cref="SimulationDeadlockException">It never does.</exception>
    public T Run<T>(KernelCall<T> call)
    {
        T result = CarryOut(call);
        _thread.HandThrownTo(_thread.Interrupted.Call);
        return result;
    }

    /// <summary>What the call returns to whoever made it, once it does.</summary>
    /// <exception cref="SimulationDeadlockException">It never does.</exception>
    public KernelResult Run(KernelCall<int> call)
    {
        Run(call, out KernelResult result);
        return result;
    }

    /// <summary>The same for who has to know what the call returned even where a test's code threw in the middle of it.</summary>
    public void Run(KernelCall<int> call, out KernelResult result)
    {
        result = Kernel.Tell(_thread, CarryOut(call));
        _thread.HandThrownTo(_thread.Interrupted.Call);
    }

    /// <inheritdoc cref="Run{T}(KernelCall{T})"/>
    public void Run(KernelCall call)
    {
        if (call.Frame is { } frame)
        {
            WaitFor(frame);
            _thread.Finish();
        }

        _thread.HandThrownTo(_thread.Interrupted.Call);
    }

    /// <summary>The call, which may be under way.</summary>
    public PendingCall Start(KernelCall<int> call)
    {
        if (call.Frame is { } frame)
        {
            _thread.GoesOnIn(frame, isAwaited: false);
        }
        else
        {
            _thread.EndWith(call.GetAwaiter().GetResult());
            Kernel.Tell(_thread, _thread.Result);
        }

        _thread.IsKept = true;
        return new PendingCall(_thread);
    }

    /// <summary>The call of a worker, whose result nobody reads.</summary>
    public void Start(KernelCall call)
    {
        if (call.Frame is { } frame)
        {
            _thread.GoesOnIn(frame, isAwaited: false);
        }
        else
        {
            _thread.HandThrownTo(_thread.Interrupted.Call);
        }
    }

    public void Dispose()
    {
        Kernel kernel = Kernel;
        _thread.Interrupted.GoesOn(_thread);
        bool isWorker = _thread.IsWorker;
        if (!_thread.IsWaiting && !_thread.IsKept)
        {
            kernel.Recycle(_thread);
        }

        if (!isWorker)
        {
            kernel.Clock.Gate.Exit();
        }
    }

    /// <summary>
    /// User space may be frozen: who calls then does so when it is thawed, and time passes until then; who would not wait for his call
    /// cannot begin it. Whoever is refused has taken no gate.
    /// </summary>
    private static void MeetFreezer(Kernel kernel, bool waits)
    {
        bool isThawed = !kernel.IsFrozenOutside;
        try
        {
            isThawed = isThawed || (waits && kernel.Clock.RunUntil(() => !kernel.IsFrozenOutside));
        }
        finally
        {
            if (!isThawed)
            {
                kernel.Clock.Gate.Exit();
            }
        }

        if (!isThawed)
        {
            throw waits
                ? new SimulationDeadlockException(Deadlock.Describe(kernel))
                : new InvalidOperationException("User space is frozen, since the machine goes to sleep: nobody can begin a call before it is awake.");
        }
    }

    private T CarryOut<T>(KernelCall<T> call)
    {
        if (call.Frame is not { } frame)
        {
            return call.GetAwaiter().GetResult();
        }

        WaitFor(frame);
        return _thread.TakeResult<T>();
    }

    /// <summary>Lets time pass until the call returns, which waits in its frame.</summary>
    private void WaitFor(KernelFrame frame)
    {
        _thread.GoesOnIn(frame, isAwaited: true);
        Kernel kernel = Kernel;
        kernel.Current = _thread.Interrupted.Thread;
        int idle = 0;
        try
        {
            while (!_thread.HasEnded)
            {
                if (!kernel.Clock.RunNext(ref idle))
                {
                    throw new SimulationDeadlockException(Deadlock.Describe(kernel));
                }
            }
        }
        finally
        {
            if (!_thread.HasEnded)
            {
                _thread.Abandon();
            }
        }
    }
}
