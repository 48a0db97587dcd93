namespace VfioPm;

/// <summary>
/// A thread of the simulated kernel (a caller, or a worker of <c>pm_wq</c>): a stack of activations and what it
/// waits for. It runs until its stack is empty or something must be waited for; the clock wakes it again.
/// </summary>
internal sealed class Actor : IEventTarget
{
    private readonly RuntimePmCore _core;
    private Activation[] _stack = new Activation[8];
    private int _depth;
    private bool _wakeQueued;
    private Cause? _cause;

    public Actor(RuntimePmCore core) => _core = core;

    private Actor(Actor original, ForkContext fork)
    {
        fork.Register(original, this);
        _core = fork.Of(original._core);
        _depth = original._depth;
        _wakeQueued = original._wakeQueued;
        _cause = original._cause;
        WaitsFor = fork.OfNullable(original.WaitsFor);
        Result = original.Result;
        IsWorker = original.IsWorker;
        _stack = new Activation[original._stack.Length];
        for (int i = 0; i < _depth; i++)
        {
            _stack[i] = original._stack[i].Fork(fork);
        }
    }

    public bool IsDone => _depth == 0;

    /// <summary>The device whose wait queue the actor is on.</summary>
    public RuntimePmDevice? WaitsFor { get; private set; }

    /// <summary>Whether this is a caller that waited and may go on.</summary>
    public bool IsWokenCaller => !IsWorker && WaitsFor is not null && _wakeQueued;

    /// <summary>What the outermost routine returned.</summary>
    public int Result { get; private set; }

    public int Index => Device.Index;

    private RuntimePmDevice Device => _stack[0].Device;

    /// <summary>Whether this is a worker of <c>pm_wq</c>, whose result nobody reads.</summary>
    public bool IsWorker { get; private set; }

    public void Start(Routine routine, RuntimePmDevice device, RpmFlags flags, int argument)
    {
        IsWorker = routine == WorkRoutine.Instance;
        _cause = _core.Clock.Cause;
        Push(routine, device, flags, argument);
        Run();
    }

    /// <summary>
    /// For a step: calls another routine, whose value is in <see cref="Activation.Returned"/> afterwards.
    /// </summary>
    public Flow Call(Routine routine, RuntimePmDevice device, RpmFlags flags = RpmFlags.None, int argument = 0)
    {
        Push(routine, device, flags, argument);
        return Flow.Called;
    }

    /// <summary>Wakes an actor that waits for its device: it looks again, after what runs now.</summary>
    public void Wake()
    {
        if (!_wakeQueued)
        {
            _wakeQueued = true;
            _core.Clock.Schedule(_core.Clock.Now, this, 0);
        }
    }

    /// <summary>It never goes on.</summary>
    public void Stop() => _core.Clock.Cancel(this, 0);

    public void Run(int tag)
    {
        _wakeQueued = false;
        WaitsFor = null;
        using (_core.Clock.Because(_cause))
        {
            Run();
        }

        if (IsDone)
        {
            _core.Retire(this);
        }
    }

    public Cause Describe(int tag)
    {
        ref readonly Activation top = ref _stack[_depth - 1];
        return new Cause(top.Routine.Describe(top), Device.Name);
    }

    public IForkable Fork(ForkContext fork) => new Actor(this, fork);

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_wakeQueued);
        for (int i = 0; i < _depth; i++)
        {
            _stack[i].AddTo(ref hash);
        }
    }

    private void Push(Routine routine, RuntimePmDevice device, RpmFlags flags, int argument)
    {
        if (_depth == _stack.Length)
        {
            Array.Resize(ref _stack, 2 * _depth);
        }

        _stack[_depth++] = new Activation(routine, device, flags, argument);
    }

    private void Run()
    {
        while (_depth > 0)
        {
            ref Activation top = ref _stack[_depth - 1];
            Flow flow = top.Routine.Step(this, ref top);
            switch (flow.Kind)
            {
                case FlowKind.Return:
                    Return(flow.Value);
                    break;
                case FlowKind.Wait:
                    WaitsFor = top.Device;
                    return;
                case FlowKind.Sleep:
                    _core.Clock.ScheduleWakeup(_core.Clock.Now + flow.Duration, this, 0);
                    return;
                case FlowKind.Delay:
                    WakeAfter(flow.Duration);
                    return;
                case FlowKind.Unlock when _core.IsPreempted:
                    Wake();
                    return;
            }
        }
    }

    /// <summary>Of a worker and a caller that wake at the same moment the worker goes first: it has run for less.</summary>
    private void WakeAfter(TimeSpan duration)
    {
        TimeSpan due = _core.Clock.Now + duration;
        if (IsWorker)
        {
            _core.Clock.Schedule(due, this, 0);
        }
        else
        {
            _core.Clock.ScheduleLast(due, this, 0);
        }
    }

    private void Return(int value)
    {
        _stack[--_depth] = default;
        if (_depth > 0)
        {
            _stack[_depth - 1].Returned = value;
        }
        else
        {
            Result = value;
        }
    }
}
