namespace VfioPm;

/// <summary>
/// The interrupts of a device, for its user: what there is, and <c>VFIO_DEVICE_SET_IRQS</c>. At most one of INTx,
/// MSI and MSI-X is set up at a time.
/// </summary>
internal sealed class DeviceInterrupts : INumbered
{
    private const uint MsiCount = 1;

    private readonly VfioSession _session;
    private readonly SingleTrigger _error;
    private readonly SingleTrigger _request;

    public DeviceInterrupts(VfioSession session)
    {
        _session = session;
        _error = new SingleTrigger();
        _request = new SingleTrigger();
        Intx = new IntxInterrupt(session);
        Vectors = new VectorInterrupts(session);
    }

    public DeviceInterrupts(DeviceInterrupts original, VfioSession session, ForkContext fork)
    {
        _session = session;
        _error = new SingleTrigger(original._error, fork);
        _request = new SingleTrigger(original._request, fork);
        Intx = fork.Of(original.Intx);
        Vectors = new VectorInterrupts(original.Vectors, session, fork);
    }

    public int Index => _session.Index;

    public IntxInterrupt Intx { get; }

    /// <summary>MSI and MSI-X.</summary>
    public VectorInterrupts Vectors { get; }

    /// <summary>Which of INTx, MSI and MSI-X is set up (<c>irq_type</c>).</summary>
    public VfioIrqIndex? Type => Vectors.Kind switch
    {
        MessageKind.Msi => VfioIrqIndex.Msi,
        MessageKind.MsiX => VfioIrqIndex.MsiX,
        _ => Intx.IsEnabled ? VfioIrqIndex.Intx : null,
    };

    private bool HasError => _session.Pci.Express is not null || _session.Device.Rules.HasErrorIrqWithoutExpress;

    /// <summary>Whether there is an MSI-X to which vectors can be added (<c>has_dyn_msix</c>).</summary>
    private bool CanMsiXGrow => _session.Device.Rules.MsiXGrows
        && _session.Pci.Hardware.Capabilities.Find(CapabilityId.MsiX) is not null;

    /// <summary>The eventfd that an interrupt signals, or null.</summary>
    public EventFd? TriggerOf(VfioIrqIndex index, int vector) => index switch
    {
        VfioIrqIndex.Intx => Intx.Trigger,
        VfioIrqIndex.Err => _error.EventFd,
        VfioIrqIndex.Req => _request.EventFd,
        _ => Type == index ? Vectors.TriggerOf(vector) : null,
    };

    /// <summary><c>VFIO_DEVICE_GET_IRQ_INFO</c>.</summary>
    /// <returns>0; -EINVAL for an <paramref name="argumentSize"/> too small or an index that is not there.</returns>
    public int GetInfo(uint index, uint argumentSize, out VfioIrqInfo info)
    {
        info = default;
        var irq = (VfioIrqIndex)index;
        if (argumentSize < VfioIrqInfo.Size || irq > VfioIrqIndex.Req || (irq == VfioIrqIndex.Err && !HasError))
        {
            return -Errno.EINVAL;
        }

        VfioIrqInfoFlags flags = irq switch
        {
            VfioIrqIndex.Intx => VfioIrqInfoFlags.Maskable | VfioIrqInfoFlags.AutoMasked,
            VfioIrqIndex.MsiX when CanMsiXGrow => VfioIrqInfoFlags.None,
            _ => VfioIrqInfoFlags.NoResize,
        };
        info = new VfioIrqInfo(flags | VfioIrqInfoFlags.EventFd, (int)CountOf(irq));
        return 0;
    }

    /// <summary><c>VFIO_DEVICE_SET_IRQS</c>.</summary>
    /// <returns>
    /// 0; -EINVAL, -EFAULT as <see cref="IrqRequest"/> says, and for what does not fit what is set up; -ENOTTY
    /// for an action that the index does not have; -EBADF for a descriptor that is not open.
    /// </returns>
    public async KernelCall<int> Set(IrqRequest request)
    {
        using (await _session.Device.InterruptGate.Lock())
        {
            return await SetLocked(request);
        }
    }

    /// <summary>Masks INTx for who is not in an ioctl (<c>vfio_pci_intx_mask()</c>).</summary>
    /// <returns>Whether it was not masked before.</returns>
    public async KernelCall<bool> MaskIntx()
    {
        using (await _session.Device.InterruptGate.Lock())
        {
            return Intx.Mask();
        }
    }

    /// <summary><c>vfio_pci_intx_unmask()</c>.</summary>
    public async KernelCall UnmaskIntx()
    {
        using (await _session.Device.InterruptGate.Lock())
        {
            Intx.Unmask();
        }
    }

    /// <summary>How many vectors there are, as the registers say now (<c>vfio_pci_get_irq_count()</c>).</summary>
    public uint CountOf(VfioIrqIndex index) => index switch
    {
        VfioIrqIndex.Intx => _session.Configuration.Copy[PciRegisters.InterruptPin, 1] != 0 ? 1u : 0,
        VfioIrqIndex.Msi => ReadControl(CapabilityId.Msi) is { } control
            ? MsiCount << (int)((control & MsiRegisters.MultipleCapable) >> 1)
            : 0,
        VfioIrqIndex.MsiX => ReadControl(CapabilityId.MsiX) is { } control
            ? (control & MsiRegisters.MsiXTableSize) + 1
            : 0,
        VfioIrqIndex.Err => HasError ? 1u : 0,
        VfioIrqIndex.Req => 1,
        _ => 0,
    };

    public IForkable Fork(ForkContext fork) => fork.Of(_session).Interrupts;

    /// <summary>
    /// The device is being opened: INTx speaks if it can be masked at the function, and where it is broken never does.
    /// </summary>
    public void SetUp()
    {
        Intx.IsMaskable = CanMaskIntx;
        if (_session.Device.IsIntxBroken)
        {
            _session.Pci.Command.SetIntx(false);
        }
        else if (Intx.IsMaskable)
        {
            _session.Pci.Command.SetIntx(true);
        }
    }

    /// <summary>Gives up what is set up of INTx, MSI and MSI-X.</summary>
    public async KernelCall Disable()
    {
        switch (Type)
        {
            case VfioIrqIndex.Intx:
                Intx.Disable();
                break;
            case VfioIrqIndex.Msi or VfioIrqIndex.MsiX:
                await Vectors.Disable();
                break;
        }
    }

    /// <summary>The user is gone.</summary>
    public async KernelCall ReleaseTriggers()
    {
        using (await _session.Device.InterruptGate.Lock())
        {
            _error.Release();
            _request.Release();
        }
    }

    public void HandleVector(int vector) => Vectors.Handle(vector);

    /// <inheritdoc cref="SingleTrigger.Signal"/>
    public bool SignalError() => _error.Signal();

    /// <inheritdoc cref="SingleTrigger.Signal"/>
    public bool SignalRequest() => _request.Signal();

    public void AddTo(ref StateHash hash)
    {
        _error.AddTo(ref hash);
        _request.AddTo(ref hash);
        Intx.AddTo(ref hash);
        Vectors.AddTo(ref hash);
    }

    /// <summary><c>vfio_pci_set_irqs_ioctl()</c>.</summary>
    private async KernelCall<int> SetLocked(IrqRequest request) => (request.Index, request.Action) switch
    {
        (VfioIrqIndex.Intx, VfioIrqSetFlags.ActionMask) => SetIntxMask(request),
        (VfioIrqIndex.Intx, VfioIrqSetFlags.ActionUnmask) => SetIntxUnmask(request),
        (VfioIrqIndex.Intx, VfioIrqSetFlags.ActionTrigger) => SetIntxTrigger(request),
        (VfioIrqIndex.Msi or VfioIrqIndex.MsiX, VfioIrqSetFlags.ActionTrigger) => await SetVectorTrigger(request),
        (VfioIrqIndex.Err, VfioIrqSetFlags.ActionTrigger) when HasError => _error.Set(_session.Device, request),
        (VfioIrqIndex.Req, VfioIrqSetFlags.ActionTrigger) => _request.Set(_session.Device, request),
        _ => -Errno.ENOTTY,
    };

    /// <summary>
    /// Whether INTx can be masked at the function (<c>pci_intx_mask_supported()</c>): the bit of COMMAND must stick.
    /// </summary>
    private bool CanMaskIntx
    {
        get
        {
            if (_session.Device.Parameters.NoIntxMask
                || _session.Device.IsIntxBroken
                || _session.Pci.Quirks.HasBrokenIntxMasking)
            {
                return false;
            }

            PciDevice pci = _session.Pci;
            uint command = pci.ReadConfig(PciRegisters.Command, 2);
            uint toggled = command ^ PciRegisters.CommandInterruptDisable;
            pci.WriteConfig(PciRegisters.Command, 2, toggled);
            bool sticks = pci.ReadConfig(PciRegisters.Command, 2) == toggled;
            pci.WriteConfig(PciRegisters.Command, 2, command);
            return sticks;
        }
    }

    private uint? ReadControl(int capability) => _session.Pci.Hardware.Capabilities.Find(capability) is { } found
        ? _session.Pci.ReadConfig(found.Offset + MsiRegisters.MessageControl, 2)
        : null;

    /// <summary><c>vfio_pci_set_intx_mask()</c>.</summary>
    private int SetIntxMask(IrqRequest request)
    {
        if (!Intx.IsEnabled || request is not { Start: 0, Count: 1 })
        {
            return -Errno.EINVAL;
        }

        if (request.Data == VfioIrqSetFlags.DataEventFd)
        {
            return -Errno.ENOTTY;
        }

        if (request.Chooses(0))
        {
            Intx.Mask();
        }

        return 0;
    }

    /// <summary><c>vfio_pci_set_intx_unmask()</c>.</summary>
    private int SetIntxUnmask(IrqRequest request)
    {
        if (!Intx.IsEnabled || request is not { Start: 0, Count: 1 })
        {
            return -Errno.EINVAL;
        }

        if (request.Data == VfioIrqSetFlags.DataEventFd)
        {
            if (!request.EventFds[0].IsNone)
            {
                return Intx.UnmaskOn(request.EventFds[0]);
            }

            Intx.StopUnmasking();
        }
        else if (request.Chooses(0))
        {
            Intx.Unmask();
        }

        return 0;
    }

    /// <summary><c>vfio_pci_set_intx_trigger()</c>.</summary>
    private int SetIntxTrigger(IrqRequest request)
    {
        if (Intx.IsEnabled && request is { Count: 0, Data: VfioIrqSetFlags.DataNone })
        {
            Intx.Disable();
            return 0;
        }

        bool isEventFd = request.Data == VfioIrqSetFlags.DataEventFd;
        bool fits = Intx.IsEnabled || (isEventFd && Type is null);
        if (!fits || request is not { Start: 0, Count: 1 })
        {
            return -Errno.EINVAL;
        }

        if (isEventFd)
        {
            return SetIntxEventFd(request.EventFds[0]);
        }

        if (request.Chooses(0))
        {
            Intx.Signal();
        }

        return 0;
    }

    private int SetIntxEventFd(FileDescriptor descriptor)
    {
        EventFd? trigger = null;
        int result = descriptor.IsNone ? 0 : descriptor.GetEventFd(_session.Pci, out trigger);
        if (result < 0)
        {
            return result;
        }

        if (!Intx.IsEnabled)
        {
            return Intx.Enable(trigger);
        }

        Intx.SetTrigger(trigger);
        return 0;
    }

    /// <summary><c>vfio_pci_set_msi_trigger()</c>.</summary>
    private async KernelCall<int> SetVectorTrigger(IrqRequest request)
    {
        VfioIrqIndex index = request.Index;
        bool isSetUp = Type == index;
        if (isSetUp && request is { Count: 0, Data: VfioIrqSetFlags.DataNone })
        {
            await Vectors.Disable();
            return 0;
        }

        if (request.Data != VfioIrqSetFlags.DataEventFd)
        {
            return isSetUp ? Vectors.Loop(request) : -Errno.EINVAL;
        }

        if (!isSetUp && Type is not null)
        {
            return -Errno.EINVAL;
        }

        if (isSetUp)
        {
            return await Vectors.Set(request);
        }

        MessageKind kind = index == VfioIrqIndex.Msi ? MessageKind.Msi : MessageKind.MsiX;
        int result = await Vectors.Enable(kind, (int)(request.Start + request.Count));
        if (result >= 0)
        {
            result = await Vectors.Set(request);
            if (result < 0)
            {
                await Vectors.Disable();
            }
        }

        return result;
    }
}
