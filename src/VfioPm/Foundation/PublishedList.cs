using System.Collections;

namespace VfioPm;

/// <summary>
/// A list that the public may look at while it changes: its array is replaced as a whole, never changed, so whoever goes through
/// it goes through what there was when he began. Nobody outside can change it, whatever he casts it to.
/// </summary>
internal sealed class PublishedList<T> : IReadOnlyList<T>, ICollection<T>
    where T : notnull
{
    private T[] _items = [];

    public int Count => _items.Length;

    public T this[int index]
    {
        get
        {
            T[] items = _items;
            return (uint)index < (uint)items.Length
                ? items[index]
                : throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {items.Length}.");
        }
    }

    public void Add(T item) => _items = [.. _items, item];

    /// <summary>Adds items; the array is the list's from now on.</summary>
    public void AddRange(T[] items) => _items = _items.Length == 0 ? items : [.. _items, .. items];

    public bool Remove(T item)
    {
        int index = IndexOf(item);
        if (index >= 0)
        {
            RemoveAt(index);
        }

        return index >= 0;
    }

    public void RemoveAt(int index) => _items = [.. _items[..index], .. _items[(index + 1)..]];

    public void RemoveAll(Predicate<T> match) => _items = Array.FindAll(_items, item => !match(item));

    public void Clear() => _items = [];

    public int IndexOf(T item)
    {
        T[] items = _items;
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

    public bool Exists(Predicate<T> match) => Array.Exists(_items, match);

    public T? Find(Predicate<T> match) => Array.Find(_items, match);

    public ReadOnlySpan<T>.Enumerator GetEnumerator() => new ReadOnlySpan<T>(_items).GetEnumerator();

    // What asks for the interface is LINQ, which is faster so, or a stranger, who may not.
    bool ICollection<T>.IsReadOnly => true;

    void ICollection<T>.CopyTo(T[] array, int arrayIndex) => _items.CopyTo(array, arrayIndex);

    void ICollection<T>.Add(T item) => throw NotYours();

    void ICollection<T>.Clear() => throw NotYours();

    bool ICollection<T>.Remove(T item) => throw NotYours();

    private static NotSupportedException NotYours() => new("The list is the model's.");

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();
}
