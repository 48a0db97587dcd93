using System.Collections;

namespace VfioPm;

/// <summary>
/// A list that the public may look at while it changes: what was published of it never changes, so whoever goes through it goes
/// through what there was when he began. Nobody outside can change it, whatever he casts it to.
/// </summary>
internal sealed class PublishedList<T> : IReadOnlyList<T>, ICollection<T>
    where T : notnull
{
    // Null for nothing: most lists of a host are empty, and a fork makes them all.
    private Published? _now;

    public int Count => _now is { } now ? now.Count : 0;

    private ReadOnlySpan<T> Items => _now is { } now ? now.Span : [];

    public T this[int index]
    {
        get
        {
            ReadOnlySpan<T> items = Items;
            return (uint)index < (uint)items.Length
                ? items[index]
                : throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {items.Length}.");
        }
    }

    public void Add(T item)
    {
        T[] items = _now?.Items ?? [];
        int count = Count;
        if (count == items.Length)
        {
            Array.Resize(ref items, Math.Max(1, 2 * count));
        }

        // Behind the end of whatever was published of this array.
        items[count] = item;
        _now = new Published(items, count + 1);
    }

    /// <summary>Adds items; the array is the list's from now on.</summary>
    public void AddRange(T[] items) => Publish(Count == 0 ? items : [.. Items, .. items]);

    /// <summary>Fills an empty list with what stands for the items of another, and leaves as much room.</summary>
    public void Mirror<TState>(PublishedList<T> original, TState state, Func<T, TState, T> counterpart)
    {
        if (original._now is not { } now)
        {
            return;
        }

        T[] items = new T[now.Items.Length];
        for (int i = 0; i < now.Count; i++)
        {
            items[i] = counterpart(now.Items[i], state);
        }

        _now = new Published(items, now.Count);
    }

    public bool Remove(T item)
    {
        int index = IndexOf(item);
        if (index >= 0)
        {
            RemoveAt(index);
        }

        return index >= 0;
    }

    public void RemoveAt(int index) => Publish([.. Items[..index], .. Items[(index + 1)..]]);

    public void RemoveAll(Predicate<T> match) => Publish([.. this.Where(item => !match(item))]);

    public void Clear() => _now = null;

    public int IndexOf(T item)
    {
        ReadOnlySpan<T> items = Items;
        for (int i = 0; i < items.Length; i++)
        {
            if (EqualityComparer<T>.Default.Equals(items[i], item))
            {
                return i;
            }
        }

        return -1;
    }

    public bool Contains(T item) => IndexOf(item) >= 0;

    public bool Exists(Predicate<T> match)
    {
        foreach (T item in this)
        {
            if (match(item))
            {
                return true;
            }
        }

        return false;
    }

    public T? Find(Predicate<T> match)
    {
        foreach (T item in this)
        {
            if (match(item))
            {
                return item;
            }
        }

        return default;
    }

    public ReadOnlySpan<T>.Enumerator GetEnumerator() => Items.GetEnumerator();

    // What asks for the interface is LINQ, which is faster so, or a stranger, who may not.
    bool ICollection<T>.IsReadOnly => true;

    void ICollection<T>.CopyTo(T[] array, int arrayIndex) => Items.CopyTo(array.AsSpan(arrayIndex));

    void ICollection<T>.Add(T item) => throw NotYours();

    void ICollection<T>.Clear() => throw NotYours();

    bool ICollection<T>.Remove(T item) => throw NotYours();

    private static NotSupportedException NotYours() => new("The list is the model's.");

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => Enumerate(_now);

    IEnumerator IEnumerable.GetEnumerator() => Enumerate(_now);

    private static IEnumerator<T> Enumerate(Published? now)
    {
        for (int i = 0; i < now?.Count; i++)
        {
            yield return now.Items[i];
        }
    }

    private void Publish(T[] items) => _now = items.Length == 0 ? null : new Published(items, items.Length);

    /// <summary>What there is at a moment: the first so many of an array.</summary>
    private sealed class Published(T[] items, int count)
    {
        public T[] Items { get; } = items;

        public int Count { get; } = count;

        public ReadOnlySpan<T> Span => new(Items, 0, Count);
    }
}
