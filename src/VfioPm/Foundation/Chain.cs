namespace VfioPm;

/// <summary>Something that is in a <see cref="Chain{T}"/>, and knows its neighbours there.</summary>
internal interface ILinked<T>
    where T : class
{
    T? Previous { get; set; }

    T? Next { get; set; }
}

/// <summary>
/// Some things, one after the other (<c>struct list_head</c>): one of a million is taken out as fast as one of two, and nothing is
/// allocated for its place.
/// </summary>
internal sealed class Chain<T>
    where T : class, ILinked<T>
{
    public T? First { get; private set; }

    public T? Last { get; private set; }

    public Enumerator GetEnumerator() => new(First);

    /// <summary>The one before another, or null.</summary>
    public static T? Before(T item) => item.Previous;

    /// <summary>Puts one behind all others.</summary>
    public void Add(T item)
    {
        item.Previous = Last;
        if (Last is { } last)
        {
            last.Next = item;
        }
        else
        {
            First = item;
        }

        Last = item;
    }

    public void Remove(T item)
    {
        if (item.Previous is { } previous)
        {
            previous.Next = item.Next;
        }
        else
        {
            First = item.Next;
        }

        if (item.Next is { } next)
        {
            next.Previous = item.Previous;
        }
        else
        {
            Last = item.Previous;
        }

        item.Previous = item.Next = null;
    }

    /// <summary>From the first to the last; a class of the framework's would be allocated.</summary>
    public struct Enumerator(T? first)
    {
        private T? _next = first;

        public T Current { get; private set; } = null!;

        public bool MoveNext()
        {
            if (_next is not { } next)
            {
                return false;
            }

            Current = next;
            _next = next.Next;
            return true;
        }
    }
}
