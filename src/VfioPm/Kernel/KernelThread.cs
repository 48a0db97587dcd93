using System.Runtime.ExceptionServices;

namespace VfioPm;

/// <summary>
/// A thread of the simulated kernel: a caller in a system call, or a worker. It has a stack of frames while it waits, a
/// cause for what it does, and the locks that it holds. The clock wakes it.
/// </summary>
public sealed partial class KernelThread : IEventTarget, IEnding, IWaitQueue, IFrameLocal, ICallUnderWay, ILinked<KernelThread>
{
    private readonly Kernel _kernel;
    private readonly List<HeldLock> _held = [];
    private Cause? _cause;
    private string? _device;
    private KernelFrame? _innermost;
    private KernelFrame? _outermost;
    private bool _isQueued;
    private bool _looksAgain;
    private bool _gaveWay;
    private bool _isAwaited;
    private ThreadKind _kind;
    private KernelThread? _joinedBy;
    private (WaitKind Kind, TimeSpan Due, TimeSpan Slack, IWaitQueue? Queue) _nextWait;

    internal KernelThread(Kernel kernel) => _kernel = kernel;

    private KernelThread(KernelThread original, ForkContext fork)
    {
        fork.Register(original, this);
        _kernel = fork.Of(original._kernel);
        _cause = original._cause;
        _device = original._device;
        Operation = original.Operation;
        _isQueued = original._isQueued;
        _looksAgain = original._looksAgain;
        _gaveWay = original._gaveWay;
        _isAwaited = original._isAwaited;
        IsWaiting = original.IsWaiting;
        _kind = original._kind;
        IsKept = original.IsKept;
        HasEnded = original.HasEnded;
        Result = original.Result;
        Thrown = original.Thrown;

        // Frames and locks hold any object of the host; all of them have to be there before.
        fork.Later(() =>
        {
            WaitsOn = fork.OfNullable(original.WaitsOn);
            _joinedBy = fork.OfNullable(original._joinedBy);
            _innermost = fork.OfNullable(original._innermost);
            _outermost = fork.OfNullable(original._outermost);
            foreach (HeldLock held in original._held)
            {
                _held.Add(held with { Lock = fork.Of(held.Lock) });
            }
        });
    }

    /// <summary>Whether it is a worker, whose result nobody reads.</summary>
    public bool IsWorker => _kind != ThreadKind.Caller;

    /// <summary>Whether it keeps the processor until it waits.</summary>
    internal bool IsRealTime => _kind == ThreadKind.Interrupt;

    /// <summary>Whether the call that it carried out returned.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Why it does what it does.</summary>
    public Cause? Cause => _kernel.Current == this ? _kernel.Clock.Cause : _cause;

    /// <summary>What somebody does with the call that it carries out, if that has a name.</summary>
    internal Cause? Operation { get; private set; }

    /// <summary>The device that the call is about.</summary>
    internal string Device => _device ?? "";

    /// <summary>The same, but none of a guest's own, which may have the name of another of the host's.</summary>
    internal string? HostDevice => _kernel.IsGuest ? null : _device;

    /// <summary>The locks that it holds, in the order of taking.</summary>
    public IEnumerable<string> Holds => _held.Select(static held => held.Lock.Name);

    /// <summary>What it waits for: "dev_set->lock of 0000:00:03.0", or null where it only lets time pass.</summary>
    public string? WaitsFor => WaitsOn?.WaitedFor;

    /// <summary>The functions that it is in, innermost first: "Rpm.Suspend".</summary>
    public IEnumerable<string> Stack
    {
        get
        {
            for (KernelFrame? frame = _innermost; frame is not null; frame = frame.Caller)
            {
                yield return frame.Function;
            }
        }
    }

    int IEventTarget.Index => _kernel.NumberOf(_kernel.PlaceOf(this));

    int INumbered.Index => _kernel.PlaceOf(this);

    string? IEventTarget.HostDevice => HostDevice;

    string IWaitQueue.WaitedFor => $"the call of another: {_cause}";

    /// <summary>The kernel that it is of.</summary>
    internal Kernel Kernel => _kernel;

    /// <summary>Whether it is one of its kernel's threads: from its first wait to the end of its call.</summary>
    internal bool IsWaiting { get; set; }

    internal IWaitQueue? WaitsOn
    {
        get;
        private set
        {
            _kernel.Waiters += (value is null ? 0 : 1) - (field is null ? 0 : 1);
            field = value;
        }
    }

    /// <summary>The kernel of the thread whose call it waits for, or null.</summary>
    internal Kernel? JoinedKernel => (WaitsOn as KernelThread)?._kernel;

    /// <summary>Whether this is a caller who waited for somebody and may go on.</summary>
    internal bool IsWokenCaller => !IsWorker && WaitsOn is not null && _isQueued;

    /// <summary>What its call returned.</summary>
    internal int Result { get; private set; }

    /// <summary>The same, for who asks for it outside of the kernel.</summary>
    internal KernelResult ResultOfCall => _kernel.OfCall(this, Result);

    /// <summary>What its call threw, or a test's own code in the middle of it.</summary>
    internal Exception? Thrown { get; private set; }

    internal List<HeldLock> Held => _held;

    /// <summary>Whether no call has it.</summary>
    internal bool IsUnused { get; set; }

    /// <summary>The next in its kernel's stock, where it is in that itself.</summary>
    internal KernelThread? NextUnused { get; set; }

    KernelThread? ILinked<KernelThread>.Previous { get; set; }

    KernelThread? ILinked<KernelThread>.Next { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{(IsWorker ? "worker" : "caller")}, {Cause?.ToString() ?? _device}: "
        + (HasEnded ? "returned" : WaitsFor is { } queue ? $"in {string.Join(" < ", Stack)}, waits for {queue}" : $"in {string.Join(" < ", Stack)}")
        + (_held.Count == 0 ? "" : $", holds {string.Join(", ", Holds)}");

    void IEventTarget.Run(int tag)
    {
        _isQueued = false;
        _looksAgain = false;
        WaitsOn = null;
        if (_gaveWay)
        {
            _gaveWay = false;
            _kernel.MoveToEnd(this);
        }

        _kernel.GoOn(this);
    }

    bool IEventTarget.IsHeld(int tag) => _kernel.IsGuest && (_kernel.Clock.Frozen & Frozen.Users) != 0;

    bool IEventTarget.TakesTurns(int tag) => false;

    // Who looks again and again brings nothing about.
    bool IEventTarget.IsRecurring(int tag) => _looksAgain;

    Cause IEventTarget.Describe(int tag) => new($"{_innermost?.Function} goes on", _device);

    IForkable IForkable.Fork(ForkContext fork) => new KernelThread(this, fork);

    /// <summary>Whether somebody asks for its result later.</summary>
    internal bool IsKept { get; set; }

    internal void Begin(ThreadKind kind, string? device)
    {
        IsUnused = false;
        _kind = kind;
        HasEnded = false;
        Thrown = null;
        Operation = null;
        _cause = null;
        _device = device;
    }

    /// <summary>The call is this; what is done in the course of it has names too, and is not.</summary>
    internal void Carries(Cause operation) => Operation ??= operation;

    /// <summary>Its call did not return at once.</summary>
    /// <param name="outermost">The call's frame.</param>
    /// <param name="isAwaited">Whether somebody takes the result as soon as there is one (<see cref="TakeResult"/>).</param>
    internal void GoesOnIn(KernelFrame outermost, bool isAwaited)
    {
        _outermost = outermost;
        _isAwaited = isAwaited;
    }

    /// <summary>Runs the innermost function, and those that called it, until one waits or all have returned.</summary>
    internal void RunFrames()
    {
        KernelFrame frame = _innermost!;
        _innermost = null;
        while (true)
        {
            frame.MoveNext();
            if (_innermost is not null)
            {
                return;
            }

            if (frame.Caller is not { } caller)
            {
                HasEnded = true;
                return;
            }

            frame = caller;
        }
    }

    /// <summary>What the outermost function returned, or throws what it threw, or why it never will.</summary>
    internal T TakeResult<T>() => ((KernelFrame<T>)TakeOutermost()).TakeResult();

    /// <summary>The outermost function returned; or throws the same.</summary>
    internal void Finish() => TakeOutermost().Finish();

    void ICallUnderWay.Keep(Exception thrown) => Thrown ??= thrown;

    /// <summary>
    /// What was thrown in the middle of its call, which is over, comes out of the one in whose middle that was made; or here,
    /// if there is none.
    /// </summary>
    internal void HandThrownTo(ICallUnderWay? outer)
    {
        if (Thrown is not { } thrown)
        {
            return;
        }

        Thrown = null;
        if (outer is null)
        {
            ExceptionDispatchInfo.Throw(thrown);
        }

        outer.Keep(thrown);
    }

    /// <summary>Nobody waits for the call any longer: it goes on alone.</summary>
    internal void Abandon() => _isAwaited = false;

    /// <summary>
    /// The call is over. Where nobody takes its result, that is kept for who asks later; only what a worker's call threw
    /// goes to whoever let time pass.
    /// </summary>
    internal void End()
    {
        IsWaiting = false;

        // Without a frame the kernel stopped while the thread ran, and what comes of the call is known.
        if (!_isAwaited && _outermost is { } frame)
        {
            _outermost = null;
            Result = frame.TakeCode(out ExceptionDispatchInfo? thrown);
            Thrown ??= thrown?.SourceException;
            if (!IsWorker && thrown is null)
            {
                _kernel.Tell(this, Result);
            }
        }

        if (_joinedBy is { } joiner)
        {
            _joinedBy = null;
            HandThrownTo(joiner);
            joiner.Wake();
        }
    }

    /// <summary>The call returned without waiting.</summary>
    internal void EndWith(int result)
    {
        HasEnded = true;
        Result = result;
    }

    /// <summary>It holds a lock no longer. No lambda, which would be allocated.</summary>
    internal void Release(KernelLock released)
    {
        int index = _held.Count - 1;
        while (_held[index].Lock != released)
        {
            index--;
        }

        _held.RemoveAt(index);
    }

    /// <summary>Another thread waits until its call has returned.</summary>
    internal void JoinBy(KernelThread other) => _joinedBy = other;

    /// <summary>Its kernel stopped: it never goes on, and whoever waits for its call is told so.</summary>
    internal void Halt()
    {
        StopTimeout();
        _innermost = null;
        _outermost = null;
        WaitsOn = null;
        IsWaiting = false;
        HasEnded = true;
        Thrown = new InvalidOperationException($"The kernel stopped in the middle of a call: {_cause?.ToString() ?? _device}.");
    }

    private KernelFrame TakeOutermost()
    {
        KernelFrame outermost = _outermost ?? throw Thrown!;
        _outermost = null;
        return outermost;
    }

    private void StopTimeout() => _kernel.Clock.Cancel(this, 0);

    internal void AddTo(ref StateHash hash)
    {
        hash.Add((int)_kind);
        hash.Add(_isQueued);
        hash.Add(_looksAgain);
        hash.Add(_gaveWay);
        hash.Add(_isAwaited);
        hash.Add(_joinedBy is null ? -1 : _joinedBy._kernel.NumberOf(_joinedBy._kernel.PlaceOf(_joinedBy)));
        hash.AddKindOf(WaitsOn);
        hash.Add(WaitsOn?.Index ?? -1);
        hash.Add(_held.Count);
        foreach (HeldLock held in _held)
        {
            held.Lock.AddIdentityTo(ref hash);
        }

        for (KernelFrame? frame = _innermost; frame is not null; frame = frame.Caller)
        {
            frame.AddTo(ref hash);
        }
    }

    object IFrameLocal.Fork(ForkContext fork) => fork.Of(this);

    // One that has ended has no place any more, but somebody who will ask for its result.
    void IFrameLocal.AddTo(ref StateHash hash)
    {
        hash.Add(_kernel.PlaceOf(this));
        hash.Add(HasEnded);
        hash.Add(Result);
        hash.AddKindOf(Thrown);
    }
}
