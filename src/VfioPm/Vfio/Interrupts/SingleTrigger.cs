namespace VfioPm;

/// <summary>An interrupt that is nothing but an eventfd to signal: errors and requests.</summary>
internal sealed class SingleTrigger
{
    public SingleTrigger()
    {
    }

    /// <summary>A copy for a fork.</summary>
    public SingleTrigger(SingleTrigger original, ForkContext fork) => EventFd = fork.OfNullable(original.EventFd);

    public EventFd? EventFd { get; private set; }

    /// <summary>Signals it.</summary>
    /// <returns>Whether anybody is there to be told.</returns>
    public bool Signal()
    {
        EventFd?.Signal(VfioPm.EventFd.OfInterrupt);
        return EventFd is not null;
    }

    public void Release() => EventFd = null;

    /// <summary><c>vfio_pci_set_ctx_trigger_single()</c>.</summary>
    /// <returns>0; -EINVAL where there is nothing to do it with; the error of a bad descriptor.</returns>
    public int Set(VfioPciDevice device, IrqRequest request)
    {
        bool isEmpty = request.Count == 0;
        switch (request.Data)
        {
            case VfioIrqSetFlags.DataNone when EventFd is null:
            case VfioIrqSetFlags.DataBool or VfioIrqSetFlags.DataEventFd when isEmpty:
                return -Errno.EINVAL;
            case VfioIrqSetFlags.DataNone when isEmpty:
                Release();
                return 0;
            case VfioIrqSetFlags.DataEventFd:
                return SetEventFd(device, request.EventFds[0]);
            default:
                if (request.Chooses(0))
                {
                    Signal();
                }

                return 0;
        }
    }

    public void AddTo(ref StateHash hash) => VfioPm.EventFd.AddTo(ref hash, EventFd);

    private int SetEventFd(VfioPciDevice device, FileDescriptor descriptor)
    {
        if (descriptor.IsOtherNegative)
        {
            return device.Rules.RefusesOtherNegatives ? -Errno.EINVAL : 0;
        }

        EventFd? eventFd = null;
        int result = descriptor.IsNone ? 0 : descriptor.GetEventFd(device.Pci, out eventFd);
        EventFd = result < 0 ? EventFd : eventFd;
        return result;
    }
}
