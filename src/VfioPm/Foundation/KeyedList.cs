namespace VfioPm;

/// <summary>
/// A list whose items have keys, several the same perhaps, so that they can be looked for however many there are. Whoever goes through
/// it goes through what there was when he began (<see cref="PublishedList{T}"/>).
/// </summary>
/// <param name="keyOf">An item's key, which it keeps for as long as it is in the list.</param>
internal sealed class KeyedList<TKey, T>(Func<T, TKey> keyOf)
    where TKey : notnull
    where T : class, IForkable
{
    // So many are gone through faster than looked up.
    private const int Few = 16;

    private static readonly PublishedList<T> None = [];

    private Dictionary<TKey, PublishedList<T>>? _byKey;

    /// <summary>In the order of adding.</summary>
    public PublishedList<T> All { get; } = [];

    public void Add(T item)
    {
        lock (All)
        {
            All.Add(item);
            if (_byKey is not null)
            {
                Sort(item);
            }
        }
    }

    public bool Remove(T item)
    {
        lock (All)
        {
            _byKey?[keyOf(item)].Remove(item);
            return All.Remove(item);
        }
    }

    /// <summary>All that have a key, in the order of adding, and perhaps others: few are not told apart.</summary>
    public PublishedList<T> With(TKey key)
    {
        if (All.Count <= Few)
        {
            return All;
        }

        lock (All)
        {
            if (_byKey is null)
            {
                _byKey = [];
                foreach (T item in All)
                {
                    Sort(item);
                }
            }

            return _byKey.TryGetValue(key, out PublishedList<T>? those) ? those : None;
        }
    }

    /// <summary>The same of several keys.</summary>
    public IEnumerable<T> WithAny(IEnumerable<TKey> keys) => All.Count <= Few ? All : keys.SelectMany(With);

    private void Sort(T item)
    {
        TKey key = keyOf(item);
        if (!_byKey!.TryGetValue(key, out PublishedList<T>? those))
        {
            _byKey.Add(key, those = []);
        }

        those.Add(item);
    }
}
