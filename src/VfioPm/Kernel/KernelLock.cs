using System.Runtime.CompilerServices;

namespace VfioPm;

/// <summary>
/// A lock that threads sleep for. Who waits gets it in the order of arrival, handed over by whoever gives it back; a
/// reader waits behind a writer who came before it, as for the kernel's semaphores.
/// </summary>
internal abstract class KernelLock : IWaitQueue
{
    private readonly Kernel _kernel;
    private readonly string _owner;
    private List<Waiter>? _waiters;
    private KernelThread? _writer;
    private int _readers;

    /// <param name="kernel">The kernel whose threads take it.</param>
    /// <param name="class">The kernel's name for it: "memory_lock".</param>
    /// <param name="owner">Whose it is: a device's name.</param>
    /// <param name="index">The number of that.</param>
    protected KernelLock(Kernel kernel, string @class, string owner, int index)
    {
        _kernel = kernel;
        _owner = owner;
        Class = @class;
        Index = index;
    }

    protected KernelLock(KernelLock original, ForkContext fork)
    {
        fork.Register(original, this);
        _kernel = fork.Of(original._kernel);
        _owner = original._owner;
        _writer = fork.OfNullable(original._writer);
        _readers = original._readers;
        _waiters = original._waiters?.ConvertAll(waiter => waiter with { Thread = fork.Of(waiter.Thread) });
        Class = original.Class;
        Index = original.Index;
    }

    private enum Mode
    {
        Read,
        Write,
    }

    /// <summary>What all locks of its kind are called: <see cref="LockOrder"/> knows locks by it.</summary>
    public string Class { get; }

    /// <summary>"memory_lock of 0000:01:00.0".</summary>
    public string Name => $"{Class} of {_owner}";

    public string WaitedFor => Name;

    public int Index { get; }

    /// <summary>Whether somebody holds it for writing.</summary>
    public bool IsWriteLocked => _writer is not null;

    /// <summary>Whether its order among others is watched. That of device locks is not, here as in the kernel.</summary>
    public virtual bool IsWatched => true;

    public abstract IForkable Fork(ForkContext fork);

    public void AddIdentityTo(ref StateHash hash)
    {
        hash.Add(Class);
        hash.Add(Index);
    }

    public void AddTo(ref StateHash hash)
    {
        // Who holds it says so himself.
        hash.Add(_writer == _kernel.Outside ? -1 : _writer is null ? 0 : 1);
        hash.Add(_readers);
        hash.Add(_waiters?.Count ?? 0);
        if (_waiters is null)
        {
            return;
        }

        foreach ((KernelThread thread, Mode mode, _) in _waiters)
        {
            hash.Add(_kernel.PlaceOf(thread));
            hash.Add((int)mode);
        }
    }

    protected KernelCall LockForReading(string place) => Lock(Mode.Read, place);

    protected KernelCall LockForWriting(string place) => Lock(Mode.Write, place);

    protected bool TryLockForWriting(string place)
    {
        bool isFree = IsFreeFor(Mode.Write);
        if (isFree)
        {
            Grant(Thread, Mode.Write, place);
        }

        return isFree;
    }

    protected void UnlockForReading()
    {
        _readers--;
        Released(Thread);
    }

    /// <exception cref="InvalidOperationException">Nobody holds it.</exception>
    protected void UnlockForWriting()
    {
        KernelThread holder = _writer ?? throw new InvalidOperationException($"Nobody holds {Name}.");
        _writer = null;
        Released(holder);
    }

    private KernelThread Thread => _kernel.Current ?? _kernel.Outside;

    private KernelCall Lock(Mode mode, string place)
    {
        bool givesWay = _kernel.Scheduler.Preempts(_kernel, PreemptionPoint.Lock);
        if (givesWay || !IsFreeFor(mode))
        {
            return Wait(mode, place, givesWay);
        }

        _kernel.LockOrder.Take(Thread, this, place);
        Grant(Thread, mode, place);
        return KernelCall.Returned;
    }

    private async KernelCall Wait(Mode mode, string place, bool givesWay)
    {
        if (givesWay)
        {
            await _kernel.GiveWay();
        }

        _kernel.LockOrder.Take(Thread, this, place);
        if (IsFreeFor(mode))
        {
            Grant(Thread, mode, place);
            return;
        }

        _waiters ??= [];
        _waiters.Add(new Waiter(Thread, mode, place));
        await _kernel.WaitOn(this);
    }

    private bool IsFreeFor(Mode mode) => _writer is null
        && _waiters is null or { Count: 0 }
        && (mode == Mode.Read || _readers == 0);

    private void Grant(KernelThread thread, Mode mode, string place)
    {
        if (mode == Mode.Write)
        {
            _writer = thread;
        }
        else
        {
            _readers++;
        }

        thread.Held.Add(new HeldLock(this, place));
    }

    private void Released(KernelThread holder)
    {
        holder.Release(this);
        if (_writer is not null || _waiters is not { Count: > 0 })
        {
            return;
        }

        if (_waiters[0].Mode == Mode.Read)
        {
            LetReadersIn(_waiters);
        }
        else if (_readers == 0)
        {
            HandTo(_waiters, 0);
        }
    }

    /// <summary>With the first reader all go in, past the writers between them (<c>rwsem_mark_wake()</c>).</summary>
    private void LetReadersIn(List<Waiter> waiters)
    {
        int i = 0;
        while (i < waiters.Count)
        {
            if (waiters[i].Mode == Mode.Read)
            {
                HandTo(waiters, i);
            }
            else
            {
                i++;
            }
        }
    }

    private void HandTo(List<Waiter> waiters, int place)
    {
        (KernelThread thread, Mode mode, string function) = waiters[place];
        waiters.RemoveAt(place);
        Grant(thread, mode, function);
        thread.Wake();
    }

    private readonly record struct Waiter(KernelThread Thread, Mode Mode, string Place);
}

/// <summary>A lock that a thread holds.</summary>
/// <param name="Lock">Which.</param>
/// <param name="Place">The function that took it.</param>
internal readonly record struct HeldLock(KernelLock Lock, string Place);

/// <summary>A lock that one holds at a time (<c>struct mutex</c>).</summary>
internal class KernelMutex : KernelLock
{
    public KernelMutex(Kernel kernel, string @class, string owner, int index)
        : base(kernel, @class, owner, index)
    {
    }

    protected KernelMutex(KernelMutex original, ForkContext fork)
        : base(original, fork)
    {
    }

    /// <summary>Takes it, sooner or later (<c>mutex_lock()</c>).</summary>
    public KernelCall Lock([CallerMemberName] string place = "") => LockForWriting(place);

    /// <summary>Takes it if it is free (<c>mutex_trylock()</c>).</summary>
    public bool TryLock([CallerMemberName] string place = "") => TryLockForWriting(place);

    /// <summary>Gives it back (<c>mutex_unlock()</c>).</summary>
    public void Unlock() => UnlockForWriting();

    public override IForkable Fork(ForkContext fork) => new KernelMutex(this, fork);
}

/// <summary>A lock that many readers hold, or one writer (<c>struct rw_semaphore</c>).</summary>
internal sealed class RwSemaphore : KernelLock
{
    public RwSemaphore(Kernel kernel, string @class, string owner, int index)
        : base(kernel, @class, owner, index)
    {
    }

    private RwSemaphore(RwSemaphore original, ForkContext fork)
        : base(original, fork)
    {
    }

    /// <summary><c>down_read()</c>.</summary>
    public KernelCall DownRead([CallerMemberName] string place = "") => LockForReading(place);

    /// <summary><c>up_read()</c>.</summary>
    public void UpRead() => UnlockForReading();

    /// <summary><c>down_write()</c>.</summary>
    public KernelCall DownWrite([CallerMemberName] string place = "") => LockForWriting(place);

    /// <summary><c>down_write_trylock()</c>.</summary>
    public bool DownWriteTryLock([CallerMemberName] string place = "") => TryLockForWriting(place);

    /// <summary><c>up_write()</c>.</summary>
    public void UpWrite() => UnlockForWriting();

    public override IForkable Fork(ForkContext fork) => new RwSemaphore(this, fork);
}
