namespace VfioPm;

/// <summary>
/// INTx for the user of a device: the kernel masks it when it comes and signals an eventfd, the user unmasks it
/// (<c>vfio_pci_intrs.c</c>).
/// </summary>
internal sealed class IntxInterrupt : IEventFdListener
{
    private readonly VfioSession _session;
    private EventFd? _unmask;
    private bool _isMasked;

    public IntxInterrupt(VfioSession session) => _session = session;

    private IntxInterrupt(IntxInterrupt original, ForkContext fork)
    {
        fork.Register(original, this);
        _session = fork.Of(original._session);
        _unmask = fork.OfNullable(original._unmask);
        _isMasked = original._isMasked;
        Trigger = fork.OfNullable(original.Trigger);
        IsEnabled = original.IsEnabled;
        IsMaskable = original.IsMaskable;
    }

    /// <summary>Whether the user has set it up.</summary>
    public bool IsEnabled { get; private set; }

    /// <summary>Whether it is masked at the function, by COMMAND (<c>pci_2_3</c>), or else at the controller.</summary>
    public bool IsMaskable { get; set; }

    /// <summary>Whether it is masked, for whatever reason (<c>masked</c>).</summary>
    public bool IsMasked => _isMasked;

    /// <summary>What is signalled.</summary>
    public EventFd? Trigger { get; private set; }

    public int Index => _session.Index;

    private InterruptPin Pin => _session.Pci.Pin;

    // Who has no pin has no INTx to set up.
    private InterruptLine Line => _session.Pci.InterruptLine!;

    /// <summary>Whether the user's own DisINTx keeps it quiet (<c>virq_disabled</c>).</summary>
    private bool IsDisabledByUser => _session.Configuration is { IsIntxDisabled: true };

    public IForkable Fork(ForkContext fork) => new IntxInterrupt(this, fork);

    /// <summary>The line interrupts (<c>vfio_intx_handler()</c>).</summary>
    /// <returns>Whether it was this function: one that can be masked at the function may share the line.</returns>
    public bool Handle()
    {
        if (!IsMaskable)
        {
            Line.Disable();
        }
        else if (_isMasked || !Pin.CheckAndMask())
        {
            return false;
        }

        _isMasked = true;
        Signal();
        return true;
    }

    /// <summary>Sets it up, masked if the user's DisINTx says so (<c>vfio_intx_enable()</c>).</summary>
    /// <returns>0; -EBUSY where others have the line, and this function cannot share it.</returns>
    public int Enable(EventFd? trigger)
    {
        Trigger = trigger;
        IsEnabled = true;
        _isMasked = IsDisabledByUser;
        if (IsMaskable)
        {
            _session.Pci.Command.SetIntx(!_isMasked);
        }

        int result = Line.Request(_session.Pci, isShared: IsMaskable, enable: IsMaskable || !_isMasked);
        if (result < 0)
        {
            Trigger = null;
            IsEnabled = false;
        }

        return result;
    }

    /// <summary>Signals another eventfd from now on, or none (<c>vfio_intx_set_signal()</c>).</summary>
    public void SetTrigger(EventFd? trigger) => Trigger = trigger;

    /// <summary>Gives it up, as it is masked or not (<c>vfio_intx_disable()</c>).</summary>
    public void Disable()
    {
        StopUnmasking();
        Line.Free(_session.Pci);
        Trigger = null;
        IsEnabled = false;
    }

    /// <summary>
    /// Masks it, for whatever reason. Without INTx set up the function's bit follows the user's
    /// (<c>__vfio_pci_intx_mask()</c>).
    /// </summary>
    /// <returns>Whether it was not masked before.</returns>
    public bool Mask()
    {
        bool changes = IsEnabled && !_isMasked;
        if (IsMaskable && (changes || !IsEnabled))
        {
            _session.Pci.Command.SetIntx(false);
        }
        else if (changes)
        {
            Line.Disable();
        }

        _isMasked |= changes;
        return changes;
    }

    /// <summary>
    /// Unmasks it, or signals again if it is still pending (<c>__vfio_pci_intx_unmask()</c>).
    /// </summary>
    public void Unmask()
    {
        if (TryUnmask())
        {
            Signal();
        }
    }

    /// <summary>Unmasks it whenever this eventfd is signalled (<c>vfio_virqfd_enable()</c>).</summary>
    /// <returns>0; -EBUSY with one set already; the error of a bad descriptor.</returns>
    public int UnmaskOn(FileDescriptor descriptor)
    {
        int result = descriptor.GetEventFd(_session.Pci, out EventFd? eventFd);
        if (result < 0 || _unmask is { IsClosed: false })
        {
            return result < 0 ? result : -Errno.EBUSY;
        }

        _unmask = eventFd!;
        _unmask.Listen(this);
        if (_unmask.Count != 0)
        {
            Unmask();
        }

        return 0;
    }

    /// <summary>No eventfd unmasks it any longer (<c>vfio_virqfd_disable()</c>).</summary>
    public void StopUnmasking()
    {
        _unmask?.StopListening(this);
        _unmask = null;
    }

    public void OnSignal(EventFd eventFd)
    {
        lock (_session.Pci.Core.Clock.Gate)
        {
            eventFd.Read(out _);
            Unmask();
        }
    }

    /// <summary>Signals the user, unless his DisINTx forbids it (<c>vfio_send_intx_eventfd()</c>).</summary>
    public void Signal()
    {
        if (IsEnabled && !IsDisabledByUser)
        {
            Trigger?.Signal(EventFd.OfInterrupt);
        }
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(IsEnabled);
        hash.Add(IsMaskable);
        hash.Add(_isMasked);
        EventFd.AddTo(ref hash, _unmask);
        EventFd.AddTo(ref hash, Trigger);
    }

    /// <summary><c>vfio_pci_intx_unmask_handler()</c>.</summary>
    /// <returns>Whether an interrupt is pending, so that it stays masked and must be signalled again.</returns>
    private bool TryUnmask()
    {
        if (!IsEnabled)
        {
            if (IsMaskable)
            {
                _session.Pci.Command.SetIntx(true);
            }

            return false;
        }

        if (!_isMasked || IsDisabledByUser)
        {
            return false;
        }

        if (IsMaskable)
        {
            _isMasked = !Pin.CheckAndUnmask();
            return _isMasked;
        }

        // First, since enabling it may bring the next one at once.
        _isMasked = false;
        Line.Enable();
        return false;
    }
}
