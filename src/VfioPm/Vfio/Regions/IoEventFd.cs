namespace VfioPm;

/// <summary>
/// A write to a BAR that an eventfd's signal does (<c>struct vfio_pci_ioeventfd</c>). It wakes nobody; where memory may
/// not be accessed it is lost.
/// </summary>
internal sealed class IoEventFd : IEventFdListener
{
    private readonly VfioPciDevice _device;
    private readonly EventFd _eventFd;

    /// <summary>Listens from now on (<c>vfio_virqfd_enable()</c>); what was signalled before counts too.</summary>
    public IoEventFd(VfioPciDevice device, in VfioIoEventFd request, EventFd eventFd)
    {
        _device = device;
        _eventFd = eventFd;
        Request = request;
        eventFd.Listen(this);
        if (eventFd.Count != 0)
        {
            Write();
        }
    }

    private IoEventFd(IoEventFd original, ForkContext fork)
    {
        fork.Register(original, this);
        Request = original.Request;
        _eventFd = fork.Of(original._eventFd);
        _device = fork.Of(original._device);
    }

    public VfioIoEventFd Request { get; }

    public void Stop() => _eventFd.StopListening(this);

    public void OnSignal(EventFd eventFd)
    {
        lock (_device.Pci.Core.Clock.Gate)
        {
            eventFd.Read(out _);
            Write();
        }
    }

    public IForkable Fork(ForkContext fork) => new IoEventFd(this, fork);

    /// <summary><c>vfio_pci_ioeventfd_handler()</c>, on behalf of whoever signalled.</summary>
    private void Write()
    {
        if (_device.Regions.IsIo(Request.Region) || _device.IsMemoryEnabled)
        {
            _device.Pci.Hardware.WriteBar(Request.Region, Request.Offset, Request.Width, Request.Data);
        }
    }
}
