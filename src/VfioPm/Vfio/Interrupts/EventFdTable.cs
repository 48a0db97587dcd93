namespace VfioPm;

/// <summary>The eventfds of a host's user space, by names of the test's choosing; each is made when it is first named.</summary>
public sealed class EventFdTable : IForkable
{
    private readonly SortedDictionary<string, EventFd> _all = new(StringComparer.Ordinal);

    internal EventFdTable()
    {
    }

    private EventFdTable(EventFdTable original, ForkContext fork)
    {
        fork.Register(original, this);
        foreach ((string name, EventFd eventFd) in original._all)
        {
            _all.Add(name, fork.Of(eventFd));
        }
    }

    /// <summary>The eventfd of a name.</summary>
    public EventFd this[string name]
    {
        get
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            if (!_all.TryGetValue(name, out EventFd? eventFd))
            {
                eventFd = new EventFd();
                _all.Add(name, eventFd);
            }

            return eventFd;
        }
    }

    /// <inheritdoc/>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new EventFdTable(this, fork);
    }

    internal void AddTo(ref StateHash hash)
    {
        foreach ((_, EventFd eventFd) in _all)
        {
            hash.Add((long)eventFd.Count);
        }
    }
}
