using System.Runtime.CompilerServices;

namespace VfioPm;

/// <summary>
/// A lock that threads sleep for. Who gives it back wakes the first who waits to write; whoever is running may take it before that one
/// runs, and then the next to give it back hands it over, so that nobody starves. A reader waits behind a writer who came before it while
/// others read.
/// </summary>
internal abstract class KernelLock : IWaitQueue, IHeldLock
{
    private readonly Kernel _kernel;
    private readonly string _owner;
    private List<Waiter>? _waiters;
    private KernelThread? _writer;
    private int _readers;

    // MUTEX_FLAG_HANDOFF, RWSEM_FLAG_HANDOFF: the first who waits came too late once.
    private bool _handsOver;

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
        _handsOver = original._handsOver;
        _waiters = original._waiters?.ConvertAll(waiter => waiter with { Thread = fork.Of(waiter.Thread) });
        Class = original.Class;
        Index = original.Index;
    }

    /// <summary>What all locks of its kind are called: <see cref="LockOrder"/> knows locks by it.</summary>
    public string Class { get; }

    /// <summary>"memory_lock of 0000:01:00.0".</summary>
    public string Name => $"{Class} of {_owner}";

    public string WaitedFor => Name;

    public int Index { get; }

    /// <summary>Whether somebody holds it for writing.</summary>
    public bool IsWriteLocked => _writer is not null;

    /// <summary>Whether somebody holds it for reading.</summary>
    public bool IsReadLocked => _readers > 0;

    /// <summary>Whether the running thread holds it for writing.</summary>
    public bool IsMine => _writer is not null && _writer == Thread;

    /// <summary>Whether its order among others is watched. That of device locks is not, here as in the kernel.</summary>
    public virtual bool IsWatched => true;

    /// <summary>How many ticks who waits to write bears that others take it first; null where nobody may.</summary>
    protected abstract int? Patience { get; }

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
        hash.Add(_handsOver);
        hash.Add(_waiters?.Count ?? 0);
        if (_waiters is null)
        {
            return;
        }

        foreach ((KernelThread thread, LockMode mode, _, TimeSpan since) in _waiters)
        {
            hash.Add(_kernel.PlaceOf(thread));
            hash.Add((int)mode);
            hash.AddPast(since, TimerWheel.Tick * (Patience ?? 0));
        }
    }

    /// <summary>Takes it, if it is free, for a test that stands for another thread.</summary>
    public bool TryTakeFromOutside([CallerMemberName] string place = "")
    {
        bool isFree = IsFreeFor(LockMode.Write);
        if (isFree)
        {
            Grant(_kernel.Outside, LockMode.Write, place);
        }

        return isFree;
    }

    /// <summary>Undoes that.</summary>
    /// <exception cref="InvalidOperationException">It was not taken so.</exception>
    public void GiveBackFromOutside()
    {
        if (_writer != _kernel.Outside)
        {
            throw new InvalidOperationException(
                _writer is null ? $"Nobody holds {Name}." : $"A call that is under way holds {Name}: {_writer}.");
        }

        Release(LockMode.Write);
    }

    /// <inheritdoc/>
    public void Release(LockMode mode)
    {
        KernelThread holder = _writer ?? Thread;
        if (mode == LockMode.Write)
        {
            _writer = null;
        }
        else
        {
            _readers--;
        }

        Released(holder);
    }

    protected LockScope TryLock(LockMode mode, string place)
    {
        if (!IsFreeFor(mode))
        {
            return default;
        }

        Grant(Thread, mode, place);
        return new LockScope(this, mode);
    }

    protected KernelCall<LockScope> Lock(LockMode mode, string place)
    {
        bool givesWay = _kernel.Preempts(PreemptionPoint.Lock);
        if (givesWay || !IsFreeFor(mode))
        {
            return Wait(mode, place, givesWay);
        }

        _kernel.LockOrder.Take(Thread, this, place);
        Grant(Thread, mode, place);
        return new LockScope(this, mode);
    }

    private KernelThread Thread => _kernel.Current ?? _kernel.Outside;

    private async KernelCall<LockScope> Wait(LockMode mode, string place, bool givesWay)
    {
        if (givesWay)
        {
            await _kernel.GiveWay();
        }

        _kernel.LockOrder.Take(Thread, this, place);
        if (IsFreeFor(mode))
        {
            Grant(Thread, mode, place);
            return new LockScope(this, mode);
        }

        _waiters ??= [];
        _waiters.Add(new Waiter(Thread, mode, place, _kernel.Clock.Now));
        await _kernel.WaitOn(this);
        while (!TakeInTurn())
        {
            await _kernel.WaitOn(this);
        }

        return new LockScope(this, mode);
    }

    /// <summary>Whether who does not wait may take it, before those who do.</summary>
    private bool IsFreeFor(LockMode mode) => _writer is null
        && (_readers == 0 || (mode == LockMode.Read && _waiters is null or { Count: 0 }));

    /// <summary>
    /// Who was woken takes it, unless it was handed over; or sees to it that it is the next time (<c>__mutex_trylock_or_handoff()</c>,
    /// <c>rwsem_try_write_lock()</c>).
    /// </summary>
    /// <returns>Whether the thread has it.</returns>
    private bool TakeInTurn()
    {
        KernelThread thread = Thread;
        if (_waiters!.FindIndex(waiter => waiter.Thread == thread) is not (>= 0 and int place))
        {
            return true;
        }

        if (_writer is null && _readers == 0)
        {
            TakeOut(place);
            return true;
        }

        _handsOver |= TimerWheel.TicksBetween(_waiters[place].Since, _kernel.Clock.Now) >= Patience;
        return false;
    }

    private void Grant(KernelThread thread, LockMode mode, string place)
    {
        if (mode == LockMode.Write)
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

        if (_waiters[0].Mode == LockMode.Read)
        {
            LetReadersIn(_waiters);
        }
        else if (_readers == 0 && (_handsOver || Patience is null))
        {
            HandTo(0);
        }
        else if (_readers == 0)
        {
            _waiters[0].Thread.Wake();
        }
    }

    /// <summary>With the first reader all go in, past the writers between them (<c>rwsem_mark_wake()</c>).</summary>
    private void LetReadersIn(List<Waiter> waiters)
    {
        int i = 0;
        while (i < waiters.Count)
        {
            if (waiters[i].Mode == LockMode.Read)
            {
                HandTo(i);
            }
            else
            {
                i++;
            }
        }
    }

    private void HandTo(int place) => TakeOut(place).Wake();

    private KernelThread TakeOut(int place)
    {
        Waiter waiter = _waiters![place];
        _waiters.RemoveAt(place);
        _handsOver = false;
        Grant(waiter.Thread, waiter.Mode, waiter.Place);
        return waiter.Thread;
    }

    private readonly record struct Waiter(KernelThread Thread, LockMode Mode, string Place, TimeSpan Since);
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

    /// <summary>The second time it is handed over.</summary>
    protected override int? Patience => 0;

    /// <summary>Takes it, sooner or later (<c>mutex_lock()</c>).</summary>
    public KernelCall<LockScope> Lock([CallerMemberName] string place = "") => Lock(LockMode.Write, place);

    /// <summary>Takes it if it is free (<c>mutex_trylock()</c>).</summary>
    public LockScope TryLock([CallerMemberName] string place = "") => TryLock(LockMode.Write, place);

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

    /// <summary>More than <c>RWSEM_WAIT_TIMEOUT</c>, which is a tick.</summary>
    protected override int? Patience => 2;

    /// <summary><c>down_read()</c>.</summary>
    public KernelCall<LockScope> DownRead([CallerMemberName] string place = "") => Lock(LockMode.Read, place);

    /// <summary><c>down_write()</c>.</summary>
    public KernelCall<LockScope> DownWrite([CallerMemberName] string place = "") => Lock(LockMode.Write, place);

    /// <summary><c>down_write_trylock()</c>.</summary>
    public LockScope DownWriteTryLock([CallerMemberName] string place = "") => TryLock(LockMode.Write, place);

    public override IForkable Fork(ForkContext fork) => new RwSemaphore(this, fork);
}
