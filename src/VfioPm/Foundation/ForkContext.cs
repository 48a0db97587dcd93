using System.Runtime.CompilerServices;

namespace VfioPm;

/// <summary>Something that a fork of the host copies.</summary>
public interface IForkable
{
    /// <summary>
    /// Makes the copy that belongs to <paramref name="fork"/>. An implementation registers the copy first
    /// (<see cref="ForkContext.Register"/>), so that objects that point at each other find each other.
    /// </summary>
    IForkable Fork(ForkContext fork);
}

/// <summary>
/// One forking of a host: the map from each object of the original to its counterpart in the copy.
/// Objects are copied on first mention, so a graph with cycles comes out whole.
/// </summary>
public sealed class ForkContext
{
    // As many as a small host has: a dictionary that grows is filled several times.
    private const int FewObjects = 128;

    // Whoever forks again and again needs the map once.
    [ThreadStatic]
    private static ForkContext? _spare;

    private readonly Dictionary<Original, IForkable> _counterparts = new(FewObjects);
    private Queue<Action>? _later;
    private int _depth;

    /// <summary>A forking that has copied nothing yet. Whoever keeps objects beside a host forks them with it.</summary>
    public ForkContext()
    {
    }

    /// <summary>One that has copied nothing yet, for who gives it back with <see cref="Return"/> when all is copied.</summary>
    internal static ForkContext Rent()
    {
        ForkContext fork = _spare ?? new ForkContext();
        _spare = null;
        return fork;
    }

    /// <summary>Copies something with all that belongs to it.</summary>
    internal static T Copy<T>(T original)
        where T : class, IForkable
    {
        ForkContext fork = Rent();
        T copy = fork.Of(original);
        fork.Return();
        return copy;
    }

    /// <summary>All is copied.</summary>
    internal void Return()
    {
        _counterparts.Clear();
        _spare = this;
    }

    /// <summary>Says that <paramref name="copy"/> stands for <paramref name="original"/> in the fork.</summary>
    public void Register(IForkable original, IForkable copy) => _counterparts.Add(new Original(original), copy);

    /// <summary>The counterpart of <paramref name="original"/>, made now if it was not mentioned yet.</summary>
    public T Of<T>(T original)
        where T : class, IForkable
    {
        if (_counterparts.TryGetValue(new Original(original), out IForkable? known))
        {
            return (T)known;
        }

        _depth++;
        IForkable copy = original.Fork(this);
        _counterparts.TryAdd(new Original(original), copy);
        if (--_depth == 0)
        {
            FinishLater();
        }

        return (T)copy;
    }

    /// <summary>The counterpart of <paramref name="original"/>, or null for null.</summary>
    public T? OfNullable<T>(T? original)
        where T : class, IForkable => original is null ? null : Of(original);

    /// <summary>Adds the counterparts of all of a list to that of the fork.</summary>
    internal void CopyAll<T>(List<T> originals, List<T> copies)
        where T : class, IForkable
    {
        copies.EnsureCapacity(originals.Count);
        for (int i = 0; i < originals.Count; i++)
        {
            copies.Add(Of(originals[i]));
        }
    }

    /// <summary>The counterparts of all of them.</summary>
    internal T[] CopyAll<T>(ReadOnlySpan<T> originals)
        where T : class, IForkable
    {
        T[] copies = originals.IsEmpty ? [] : new T[originals.Length];
        for (int i = 0; i < copies.Length; i++)
        {
            copies[i] = Of(originals[i]);
        }

        return copies;
    }

    /// <inheritdoc cref="CopyAll{T}(List{T}, List{T})"/>
    internal void CopyAll<T>(PublishedList<T> originals, PublishedList<T> copies)
        where T : class, IForkable => copies.Mirror(originals, this, static (original, fork) => fork.Of(original));

    /// <summary>
    /// Has something done when all that is being copied stands: objects that point into the middle of others, such as the
    /// frames of calls, find these whole then.
    /// </summary>
    internal void Later(Action finish) => (_later ??= []).Enqueue(finish);

    private void FinishLater()
    {
        while (_later is { Count: > 0 })
        {
            Action finish = _later.Dequeue();
            _depth++;
            finish();
            _depth--;
        }
    }

    /// <summary>An object, whatever it thinks is equal to it. A key of this kind is compared without a call.</summary>
    private readonly struct Original(object it) : IEquatable<Original>
    {
        private readonly object _it = it;

        public bool Equals(Original other) => ReferenceEquals(_it, other._it);

        public override bool Equals(object? obj) => obj is Original other && Equals(other);

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(_it);
    }
}
