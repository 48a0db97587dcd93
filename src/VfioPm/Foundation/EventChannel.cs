namespace VfioPm;

/// <summary>
/// Who is told what happens in one layer of the model, while it happens. Any number of listeners may join; listening changes
/// nothing, and costs nothing where nobody does.
/// </summary>
/// <typeparam name="TListener">What a listener of the layer is told.</typeparam>
/// <remarks>
/// What a listener throws changes nothing either: the call in whose middle it was told is carried out to its end, and then
/// throws it. Listeners are told in the order in which they joined. One that joins or leaves while something is told does
/// so from the next event on. A fork of the host has a channel of its own, with the listeners' copies: a listener that
/// returns itself from <see cref="IForkable.Fork"/> is told by both.
/// </remarks>
public sealed class EventChannel<TListener> : IForkable
    where TListener : class, IForkable
{
    private readonly CallsUnderWay _calls;

    // Replaced as a whole, never changed: whoever tells goes on with the one that he began with. Null for nobody.
    private TListener[]? _listeners;

    internal EventChannel(CallsUnderWay calls) => _calls = calls;

    private EventChannel(EventChannel<TListener> original, ForkContext fork)
    {
        // A listener may know who tells it, and so the channel.
        fork.Register(original, this);
        _calls = fork.Of(original._calls);
        _listeners = original._listeners is { } listeners ? [.. listeners.Select(fork.Of)] : null;
    }

    /// <summary>Whether anybody listens.</summary>
    internal bool IsHeard => _listeners is not null;

    /// <summary>Has somebody told from the next event on. Who is told already is not told twice.</summary>
    public void Add(TListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        Replace(static (all, one) => IsAmong(all, one) ? all : [.. all, one], listener);
    }

    /// <summary>Has somebody told no more.</summary>
    /// <returns>Whether he was told so far.</returns>
    public bool Remove(TListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return Replace(static (all, one) => IsAmong(all, one) ? [.. all.Where(other => other != one)] : all, listener);
    }

    /// <summary>Whether somebody is told.</summary>
    public bool Contains(TListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return _listeners is { } listeners && IsAmong(listeners, listener);
    }

    /// <summary>The first listener of a kind, or null: one's own in a fork, say.</summary>
    public T? Find<T>()
        where T : class, TListener => _listeners?.OfType<T>().FirstOrDefault();

    /// <summary>Tells all of them; mostly there are none.</summary>
    /// <param name="what">The event.</param>
    /// <param name="tell">Tells it to one of them; captures nothing, so that it is not made anew each time.</param>
    internal void Tell<TEvent>(in TEvent what, Teller<TEvent> tell)
    {
        if (IsHeard)
        {
            TellAll(in what, tell);
        }
    }

    private void TellAll<TEvent>(in TEvent what, Teller<TEvent> tell)
    {
        foreach (TListener listener in _listeners!)
        {
            try
            {
                tell(listener, in what);
            }
            catch (Exception thrown)
            {
                if (!_calls.Keep(thrown))
                {
                    throw;
                }
            }
        }
    }

    private static bool IsAmong(TListener[] listeners, TListener sought) => Array.Exists(listeners, listener => listener == sought);

    /// <returns>Whether it makes a difference.</returns>
    private bool Replace(Func<TListener[], TListener, TListener[]> change, TListener listener)
    {
        while (true)
        {
            TListener[]? before = _listeners;
            TListener[] all = before ?? [];
            TListener[] after = change(all, listener);
            if (after == all)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _listeners, after.Length == 0 ? null : after, before) == before)
            {
                return true;
            }
        }
    }

    /// <summary>Tells an event to a listener.</summary>
    internal delegate void Teller<TEvent>(TListener listener, in TEvent what);

    IForkable IForkable.Fork(ForkContext fork) => new EventChannel<TListener>(this, fork);
}
