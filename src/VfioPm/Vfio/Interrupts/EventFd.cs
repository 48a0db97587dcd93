using System.Collections.Immutable;
using System.Runtime.ExceptionServices;

namespace VfioPm;

/// <summary>
/// A counter that the kernel signals and user space reads (<c>eventfd(2)</c>, non-blocking): how interrupts and
/// wakeups reach a VMM.
/// </summary>
/// <remarks>
/// It belongs to the host that a kernel was given it on first. What a signal sets off may signal again, the same or another:
/// then who listens is told when the first are through, as interrupts and workers come after what they interrupt.
/// </remarks>
public sealed class EventFd : IForkable, IFrameLocal
{
    internal const string OfInterrupt = "kernel signals the eventfd of an interrupt";
    internal const string OfWakeup = "kernel signals the eventfd of the wakeup";

    // A chain of signals that is longer is a circle.
    private const int LongestChain = 10_000;

    // Signals in the middle of telling of others, on this processor: their listeners come after.
    [ThreadStatic]
    private static Queue<EventFd>? _later;

    [ThreadStatic]
    private static bool _isTelling;

    private readonly Lock _lock = new();

    // Replaced as a whole, never changed: whoever listens may close it, or stop, while it is told of.
    private ImmutableArray<IEventFdListener> _listeners = [];
    private PciDevice? _device;
    private ulong _count;
    private VirtualClock? _host;

    /// <summary>A counter at zero.</summary>
    public EventFd()
    {
    }

    private EventFd(EventFd original, ForkContext fork)
    {
        fork.Register(original, this);
        _count = original._count;
        _host = fork.OfNullable(original._host);
        IsClosed = original.IsClosed;
        fork.Later(() => _device = fork.OfNullable(original._device));
        _listeners = [.. original._listeners.Select(fork.Of)];
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

    /// <summary>The device that user space gave it to last, or null.</summary>
    internal PciDevice? Device => _device;

    /// <summary>Adds to the counter (<c>write()</c> by user space, <c>eventfd_signal()</c> in the kernel).</summary>
    /// <param name="value">How much; the counter stops one below its largest value.</param>
    /// <exception cref="InvalidOperationException">What the signal sets off signals again without end.</exception>
    public void Signal(ulong value = 1)
    {
        lock (_lock)
        {
            _count += Math.Min(value, ulong.MaxValue - 1 - _count);
        }

        if (_listeners.IsEmpty)
        {
            return;
        }

        _later ??= new Queue<EventFd>();
        if (_isTelling)
        {
            _later.Enqueue(this);
            return;
        }

        _isTelling = true;
        try
        {
            TellAll(_later);
        }
        finally
        {
            _isTelling = false;
            _later.Clear();
        }
    }

    /// <summary>The kernel signals it, which is told (<c>eventfd_signal()</c>).</summary>
    internal void Signal(string what)
    {
        if (_device is { } device)
        {
            device.Core.Clock.TellOperation(what, device.Name);
        }

        Signal();
    }

    /// <summary>User space gave it to a device.</summary>
    internal void TakenBy(PciDevice device) => _device = device;

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
        ImmutableInterlocked.Update(ref _listeners, static _ => []);
    }

    /// <summary>"eventfd: 2".</summary>
    public override string ToString() => $"eventfd: {Count}";

    IForkable IForkable.Fork(ForkContext fork) => new EventFd(this, fork);

    object IFrameLocal.Fork(ForkContext fork) => fork.Of(this);

    void IFrameLocal.AddTo(ref StateHash hash) => AddTo(ref hash, this);

    /// <summary>Adds which one it is, or that it is none, and on first mention what became of it.</summary>
    internal static void AddTo(ref StateHash hash, EventFd? eventFd)
    {
        hash.Add(eventFd is not null);
        if (eventFd is not null && hash.AddMention(eventFd))
        {
            hash.Add(eventFd._listeners.Length);
            foreach (IEventFdListener listener in eventFd._listeners)
            {
                hash.AddKindOf(listener);
                hash.Add(listener.Index);
            }

            hash.Add((long)eventFd.Count);
            hash.Add(eventFd.IsClosed);
        }
    }

    /// <exception cref="ArgumentException">It belongs to another host.</exception>
    internal void CheckHost(VirtualClock host)
    {
        if (_host is not null && _host != host)
        {
            throw new ArgumentException("The eventfd belongs to another host.");
        }
    }

    /// <summary>It belongs to this host from now on.</summary>
    internal void Claim(VirtualClock host) => _host = host;

    internal void Listen(IEventFdListener listener) =>
        ImmutableInterlocked.Update(ref _listeners, static (all, one) => all.Add(one), listener);

    internal void StopListening(IEventFdListener listener) =>
        ImmutableInterlocked.Update(ref _listeners, static (all, one) => all.Remove(one), listener);

    private void TellAll(Queue<EventFd> later)
    {
        Exception? thrown = null;
        Tell(ref thrown);
        for (int told = 1; later.TryDequeue(out EventFd? next); told++)
        {
            if (told == LongestChain)
            {
                var circle = new InvalidOperationException(
                    "An eventfd's signal sets off another without end: what listens to it leads back to it.");
                if (_host is null)
                {
                    throw circle;
                }

                _host.Calls.Keep(circle);
                break;
            }

            next.Tell(ref thrown);
        }

        if (thrown is not null)
        {
            ExceptionDispatchInfo.Throw(thrown);
        }
    }

    /// <summary>
    /// All hear it, whoever reads it first; the one that came last is told first (<c>wake_up_locked_poll()</c>). Who does not
    /// listen any more, since another closed it, is left out; and what a test's own code throws comes out when all are told.
    /// </summary>
    private void Tell(ref Exception? thrown)
    {
        ImmutableArray<IEventFdListener> all = _listeners;
        for (int i = all.Length - 1; i >= 0; i--)
        {
            try
            {
                if (_listeners.Contains(all[i]))
                {
                    all[i].OnSignal(this);
                }
            }
            catch (Exception first)
            {
                thrown ??= first;
            }
        }
    }
}
