namespace VfioPm;

/// <summary>
/// A counter that the kernel signals and user space reads (<c>eventfd(2)</c>, non-blocking): how interrupts and
/// wakeups reach a VMM.
/// </summary>
public sealed class EventFd : IForkable, IFrameLocal
{
    private readonly Lock _lock = new();
    private readonly List<IEventFdListener> _listeners = [];
    private ulong _count;

    /// <summary>A counter at zero.</summary>
    public EventFd()
    {
    }

    private EventFd(EventFd original, ForkContext fork)
    {
        fork.Register(original, this);
        _count = original._count;
        IsClosed = original.IsClosed;
        _listeners.AddRange(original._listeners.Select(fork.Of));
    }

    /// <summary>The signals that nobody has read yet.</summary>
    public ulong Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Whether user space closed it: its number then names no file.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Adds to the counter (<c>write()</c> by user space, <c>eventfd_signal()</c> in the kernel).</summary>
    /// <param name="value">How much; the counter stops one below its largest value.</param>
    public void Signal(ulong value = 1)
    {
        lock (_lock)
        {
            _count += Math.Min(value, ulong.MaxValue - 1 - _count);
        }

        // All hear it, whoever reads it first; the one that came last is told first (wake_up_locked_poll()).
        for (int i = _listeners.Count - 1; i >= 0; i--)
        {
            _listeners[i].OnSignal(this);
        }
    }

    /// <summary>Takes the counter (<c>read()</c>).</summary>
    /// <param name="count">What it was; it is zero now.</param>
    /// <returns>8, the bytes read, or -EAGAIN if the counter is zero.</returns>
    public KernelResult Read(out ulong count)
    {
        lock (_lock)
        {
            count = _count;
            _count = 0;
            return count != 0 ? sizeof(ulong) : Errno.EAGAIN;
        }
    }

    /// <summary>Closes it. A kernel that signals it goes on to do so; one that listens to it stops.</summary>
    public void Close()
    {
        IsClosed = true;
        _listeners.Clear();
    }

    /// <summary>"eventfd: 2".</summary>
    public override string ToString() => $"eventfd: {Count}";

    /// <inheritdoc/>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new EventFd(this, fork);
    }

    object IFrameLocal.Fork(ForkContext fork) => fork.Of(this);

    void IFrameLocal.AddTo(ref StateHash hash) => AddTo(ref hash, this);

    /// <summary>Adds which one it is, or that it is none, and on first mention what became of it.</summary>
    internal static void AddTo(ref StateHash hash, EventFd? eventFd)
    {
        hash.Add(eventFd is not null);
        if (eventFd is not null && hash.AddMention(eventFd))
        {
            hash.Add(eventFd._listeners.Count);
            foreach (IEventFdListener listener in eventFd._listeners)
            {
                hash.Add(listener.GetType().Name);
                hash.Add(listener.Index);
            }

            hash.Add((long)eventFd.Count);
            hash.Add(eventFd.IsClosed);
        }
    }

    internal void Listen(IEventFdListener listener) => _listeners.Add(listener);

    internal void StopListening(IEventFdListener listener) => _listeners.Remove(listener);
}
