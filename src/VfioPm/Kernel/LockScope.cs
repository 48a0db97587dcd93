namespace VfioPm;

/// <summary>How a lock is held.</summary>
internal enum LockMode
{
    /// <summary>With other readers.</summary>
    Read,

    /// <summary>Alone.</summary>
    Write,
}

/// <summary>What is held until it is released.</summary>
internal interface IHeldLock : INumbered
{
    /// <summary>The thread that runs, or that holds it alone, gives it back.</summary>
    void Release(LockMode mode);
}

/// <summary>
/// The block in which a lock is held: <c>using (await gate.Lock()) { … }</c>, as <c>guard()</c> of <c>linux/cleanup.h</c>. At
/// its end the lock is given back, however that is reached. It costs two words of a frame, and a fork's gives back the fork's
/// lock.
/// </summary>
internal readonly struct LockScope : IDisposable, IFrameLocal
{
    private readonly IHeldLock? _lock;
    private readonly LockMode _mode;

    /// <param name="taken">The lock, which the running thread holds.</param>
    /// <param name="mode">How.</param>
    public LockScope(IHeldLock taken, LockMode mode)
    {
        _lock = taken;
        _mode = mode;
    }

    /// <summary>Whether there is a lock: one that was only tried for may not have been free.</summary>
    public bool IsTaken => _lock is not null;

    public void Dispose() => _lock?.Release(_mode);

    object IFrameLocal.Fork(ForkContext fork) => _lock is null ? this : new LockScope(fork.Of(_lock), _mode);

    // The thread says which locks it holds.
    void IFrameLocal.AddTo(ref StateHash hash) => hash.Add(_lock is not null);
}
