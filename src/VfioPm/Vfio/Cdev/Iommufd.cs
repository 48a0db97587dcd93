namespace VfioPm;

/// <summary>
/// An open <c>/dev/iommu</c> (<c>struct iommufd_ctx</c>): who binds devices to it owns their IOMMU groups, and may reset them together
/// without naming the groups. Its address spaces have nothing to do with power, and are not modelled.
/// </summary>
public sealed class Iommufd : INumbered, IDisposable
{
    private readonly VirtualClock _host;
    private readonly List<uint> _ids = [];

    internal Iommufd(VirtualClock host, int index)
    {
        _host = host;
        Index = index;
    }

    private Iommufd(Iommufd original, ForkContext fork)
    {
        fork.Register(original, this);
        _host = fork.Of(original._host);
        Index = original.Index;
        IsClosed = original.IsClosed;
        _ids.AddRange(original._ids);
    }

    /// <summary>The numbers of the devices that are bound to it, in order.</summary>
    public IReadOnlyList<uint> DeviceIds => [.. _ids];

    /// <summary>Whether user space closed it: its number then names no file, and devices that are bound stay so.</summary>
    public bool IsClosed { get; private set; }

    int INumbered.Index => Index;

    internal int Index { get; }

    /// <summary>Whether user space or a device holds it.</summary>
    internal bool IsHeld => !IsClosed || _ids.Count > 0;

    /// <summary>Closes the descriptor; a device that is bound keeps it alive (<c>iommufd_ctx_put()</c>).</summary>
    public void Close()
    {
        lock (_host.Gate)
        {
            IsClosed = true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    IForkable IForkable.Fork(ForkContext fork) => new Iommufd(this, fork);

    /// <exception cref="ArgumentException">It is another host's.</exception>
    internal void CheckHost(VirtualClock host)
    {
        if (_host != host)
        {
            throw new ArgumentException("This iommufd is another host's, or its original's.");
        }
    }

    /// <summary>Gives a device the lowest number that is free, from 1 on (<c>iommufd_device_bind()</c>).</summary>
    internal uint Add()
    {
        uint id = 1;
        int place = 0;
        while (place < _ids.Count && _ids[place] == id)
        {
            id++;
            place++;
        }

        _ids.Insert(place, id);
        return id;
    }

    /// <summary><c>iommufd_device_unbind()</c>.</summary>
    internal void Remove(uint id) => _ids.Remove(id);

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(Index);
        hash.Add(IsClosed);
        hash.Add(_ids.Count);
        foreach (uint id in _ids)
        {
            hash.Add(id);
        }
    }
}
