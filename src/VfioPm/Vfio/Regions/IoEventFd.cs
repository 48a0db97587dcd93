namespace VfioPm;

/// <summary>
/// A write to a BAR that an eventfd's signal does (<c>struct vfio_pci_ioeventfd</c>). It wakes nobody; where memory may
/// not be accessed it is lost, and where that is just being changed a worker does it later.
/// </summary>
internal sealed class IoEventFd : WorkItem, IEventFdListener, IFrameLocal
{
    private readonly VfioSession _session;
    private readonly EventFd _eventFd;

    /// <summary>Listens from now on (<c>vfio_virqfd_enable()</c>); what was signalled before counts too.</summary>
    public IoEventFd(VfioSession session, in VfioIoEventFd request, EventFd eventFd)
    {
        _session = session;
        _eventFd = eventFd;
        Request = request;
        eventFd.Listen(this);
        if (eventFd.Count != 0)
        {
            WriteSoon();
        }
    }

    private IoEventFd(IoEventFd original, ForkContext fork)
        : base(original, fork)
    {
        Request = original.Request with { EventFd = original.Request.EventFd.Fork(fork) };
        _eventFd = fork.Of(original._eventFd);
        _session = fork.Of(original._session);
    }

    public VfioIoEventFd Request { get; }

    public override int Index => (_session.Index * IoEventFds.Most) + _session.IoEventFds.PlaceOf(this);

    protected override Kernel Kernel => _session.Pci.Core.Kernel;

    public override string Device => _session.Pci.Name;

    private bool IsIo => _session.Regions.IsIo(Request.Region);

    public void Stop()
    {
        _eventFd.StopListening(this);
        Cancel();
    }

    public void OnSignal(EventFd eventFd)
    {
        lock (Kernel.Clock.Gate)
        {
            eventFd.Read(out _);
            WriteSoon();
        }
    }

    public override Cause Describe(int tag) => new("ioeventfd", _session.Pci.Name);

    public override IForkable Fork(ForkContext fork) => new IoEventFd(this, fork);

    object IFrameLocal.Fork(ForkContext fork) => fork.Of(this);

    public override void AddTo(ref StateHash hash)
    {
        base.AddTo(ref hash);
        hash.Add(Index);
        hash.Add(Request.Region);
        hash.Add(Request.Offset);
        hash.Add((long)Request.Data);
        hash.Add(Request.Width);
        EventFd.AddTo(ref hash, _eventFd);
    }

    /// <summary><c>vfio_pci_ioeventfd_thread()</c>.</summary>
    protected override async KernelCall Execute()
    {
        using (await _session.Device.Memory.DownRead())
        {
            Write();
        }
    }

    /// <summary><c>vfio_pci_ioeventfd_handler()</c>, on behalf of whoever signalled, who must not wait.</summary>
    private void WriteSoon()
    {
        if (!IsIo && _session.Device.IsMemoryLocked)
        {
            Queue();
        }
        else
        {
            Write();
        }
    }

    private void Write()
    {
        if (IsIo || _session.IsMemoryEnabled)
        {
            _session.Pci.Hardware.WriteMapped(Request.Region, Request.Offset, Request.Width, Request.Data);
        }
    }
}
