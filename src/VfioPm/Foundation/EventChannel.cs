using System.Collections.Immutable;
using System.Runtime.InteropServices;

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

    // Replaced as a whole, never changed: whoever tells goes on with the one that he began with. The default for nobody.
    private ImmutableArray<TListener> _listeners;

    internal EventChannel(CallsUnderWay calls) => _calls = calls;

    private EventChannel(EventChannel<TListener> original, ForkContext fork)
    {
        // A listener may know who tells it, and so the channel.
        fork.Register(original, this);
        _calls = fork.Of(original._calls);
        _listeners = original.IsHeard ? ImmutableCollectionsMarshal.AsImmutableArray(fork.CopyAll(original._listeners.AsSpan())) : default;
    }

    /// <summary>Whether anybody listens.</summary>
    internal bool IsHeard => !_listeners.IsDefault;

    /// <summary>Has somebody told from the next event on. Who is told already is not told twice.</summary>
    public void Add(TListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ImmutableInterlocked.Update(
            ref _listeners,
            static (all, one) => all.IsDefault ? [one] : all.Contains(one, ReferenceEqualityComparer.Instance) ? all : all.Add(one),
            listener);
    }

    /// <summary>Has somebody told no more.</summary>
    /// <returns>Whether he was told so far.</returns>
    public bool Remove(TListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return ImmutableInterlocked.Update(
            ref _listeners,
            static (all, one) => !all.IsDefault && all.Remove(one, ReferenceEqualityComparer.Instance) is { IsEmpty: false } rest ? rest : default,
            listener);
    }

    /// <summary>Whether somebody is told.</summary>
    public bool Contains(TListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return _listeners is { IsDefault: false } listeners && listeners.Contains(listener, ReferenceEqualityComparer.Instance);
    }

    /// <summary>The first listener of a kind, or null: one's own in a fork, say.</summary>
    public T? Find<T>()
        where T : class, TListener => _listeners is { IsDefault: false } listeners ? listeners.OfType<T>().FirstOrDefault() : null;

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
        foreach (TListener listener in _listeners.AsSpan())
        {
            try
            {
                tell(listener, in what);
            }
            catch (Exception thrown)
            {
                _calls.Keep(thrown);
            }
        }
    }

    /// <summary>Tells an event to a listener.</summary>
    internal delegate void Teller<TEvent>(TListener listener, in TEvent what);

    IForkable IForkable.Fork(ForkContext fork) => new EventChannel<TListener>(this, fork);
}
