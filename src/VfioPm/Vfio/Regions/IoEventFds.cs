namespace VfioPm;

/// <summary>The writes to a device's BARs that signals do (<c>VFIO_DEVICE_IOEVENTFD</c>), until it is closed.</summary>
internal sealed class IoEventFds : INumbered
{
    public const int Most = 1000;

    private readonly VfioSession _session;
    private readonly List<IoEventFd> _all = [];

    public IoEventFds(VfioSession session) => _session = session;

    /// <summary>A copy for a fork.</summary>
    public IoEventFds(IoEventFds original, VfioSession session, ForkContext fork)
    {
        _session = session;
        fork.CopyAll(original._all, _all);
    }

    public int Index => _session.Index;

    public IForkable Fork(ForkContext fork) => fork.Of(_session).IoEventFds;

    /// <summary>Sets one up, or gives it up (<c>vfio_pci_ioeventfd()</c>).</summary>
    /// <returns>
    /// 0; -EINVAL for what makes no sense, what is no BAR or not all in it, and for the MSI-X table; -EEXIST for a write
    /// that another signal does; -ENODEV to give up what there is not; -ENOSPC for one too many; the error of a bad
    /// descriptor.
    /// </returns>
    public int Set(in VfioIoEventFd request)
    {
        if (!request.IsWellFormed || !IsWritable(request))
        {
            return -Errno.EINVAL;
        }

        int index = Find(request);
        if (index >= 0)
        {
            return request.EventFd.IsNone ? Remove(index) : -Errno.EEXIST;
        }

        if (request.EventFd.IsNone)
        {
            return -Errno.ENODEV;
        }

        if (_all.Count >= Most)
        {
            return -Errno.ENOSPC;
        }

        int result = request.EventFd.GetEventFd(_session.Pci, out EventFd? eventFd);
        if (result >= 0)
        {
            _all.Add(new IoEventFd(_session, request, eventFd!));
        }

        return result;
    }

    /// <summary>The device is closed.</summary>
    public void Clear()
    {
        while (_all.Count > 0)
        {
            Remove(_all.Count - 1);
        }
    }

    /// <summary>Where it stands among those of the device, which tells one from another.</summary>
    public int PlaceOf(IoEventFd one) => _all.IndexOf(one);

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_all.Count);
        foreach (IoEventFd one in _all)
        {
            one.AddTo(ref hash);
        }
    }

    /// <summary>Whether all of it lies in a BAR, outside of what is kept from the user.</summary>
    private bool IsWritable(in VfioIoEventFd request)
    {
        long end = request.Offset + request.Width;
        return request.Region < VfioRegion.Rom
            && (ulong)end <= _session.Regions.SizeOf(request.Region)
            && (_session.Regions.HiddenIn(request.Region) is not { } table
                || end <= table.Start || request.Offset >= table.End);
    }

    private int Find(in VfioIoEventFd request)
    {
        for (int i = 0; i < _all.Count; i++)
        {
            if (_all[i].Request.WritesAs(request))
            {
                return i;
            }
        }

        return -1;
    }

    private int Remove(int index)
    {
        _all[index].Stop();
        _all.RemoveAt(index);
        return 0;
    }
}
