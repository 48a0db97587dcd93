namespace VfioPm;

/// <summary>MSI or MSI-X for the user of a device: an eventfd for each vector (<c>vfio_pci_intrs.c</c>).</summary>
internal sealed class VectorInterrupts : INumbered
{
    private readonly VfioSession _session;
    private EventFd?[] _triggers = [];

    public VectorInterrupts(VfioSession session) => _session = session;

    /// <summary>A copy for a fork.</summary>
    public VectorInterrupts(VectorInterrupts original, VfioSession session, ForkContext fork)
    {
        _session = session;
        _triggers = [.. original._triggers.Select(fork.OfNullable)];
    }

    /// <summary>What is set up.</summary>
    public MessageKind Kind => _session.Pci.Messages.Kind;

    public int Index => _session.Index;

    private MessageInterrupts Messages => _session.Pci.Messages;

    /// <summary>Whether the kernel looks at each vector by itself; of MSI-X, those beyond the ones set up are added then.</summary>
    private bool Grows => _session.Device.Rules.MsiXGrows;

    public IForkable Fork(ForkContext fork) => fork.Of(_session).Interrupts.Vectors;

    /// <summary>The eventfd of a vector; null where there is no such vector.</summary>
    public EventFd? TriggerOf(int vector) => vector >= 0 && vector < _triggers.Length ? _triggers[vector] : null;

    /// <summary>The function signals a vector (<c>vfio_msihandler()</c>).</summary>
    public void Handle(int vector) => TriggerOf(vector)?.Signal(EventFd.OfInterrupt);

    /// <summary><c>vfio_msi_enable()</c>.</summary>
    /// <returns>0, or what the PCI core gives: -EINVAL outside of D0.</returns>
    public async KernelCall<int> Enable(MessageKind kind, int count)
    {
        using (await _session.Device.LockAndEnableMemory())
        {
            int result = PciMsi.Allocate(_session.Pci, kind, count);
            if (result < 0)
            {
                return result;
            }
        }

        _triggers = new EventFd?[count];
        if (kind == MessageKind.Msi)
        {
            _session.Device.MsiQueueSize = System.Numerics.BitOperations.Log2((uint)((2 * count) - 1));
        }

        return 0;
    }

    /// <summary><c>vfio_msi_disable()</c>.</summary>
    public async KernelCall Disable()
    {
        for (int vector = 0; vector < _triggers.Length; vector++)
        {
            await Clear(vector);
        }

        using (await _session.Device.LockAndEnableMemory())
        {
            Messages.Free();
        }

        _triggers = [];
        if (_session.Device.IsIntxBroken)
        {
            _session.Pci.Command.SetIntx(false);
        }
    }

    /// <summary>
    /// Says whom a range of vectors signals; an error takes the range back (<c>vfio_msi_set_block()</c>).
    /// </summary>
    public async KernelCall<int> Set(IrqRequest request)
    {
        int start = (int)request.Start;
        int count = (int)request.Count;

        // A request for none, too, begins at a vector that there is.
        if (!Grows && (start >= _triggers.Length || start + count > _triggers.Length))
        {
            return -Errno.EINVAL;
        }

        for (int i = 0; i < count; i++)
        {
            int result = await Set(start + i, request.EventFds[i]);
            if (result < 0)
            {
                for (int vector = start; vector <= start + i; vector++)
                {
                    await Clear(vector);
                }

                return result;
            }
        }

        return 0;
    }

    /// <summary>Signals what the request chooses, as if the function had (<c>vfio_pci_set_msi_trigger()</c>).</summary>
    public int Loop(IrqRequest request)
    {
        if (!Grows && request.Start + request.Count > _triggers.Length)
        {
            return -Errno.EINVAL;
        }

        for (int i = 0; i < request.Count; i++)
        {
            if (request.Chooses(i))
            {
                TriggerOf((int)request.Start + i)?.Signal(EventFd.OfInterrupt);
            }
        }

        return 0;
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_triggers.Length);
        foreach (EventFd? trigger in _triggers)
        {
            EventFd.AddTo(ref hash, trigger);
        }
    }

    /// <summary><c>vfio_msi_set_vector_signal()</c>.</summary>
    private async KernelCall<int> Set(int vector, FileDescriptor descriptor)
    {
        await Clear(vector);
        if (descriptor.IsNone)
        {
            return 0;
        }

        int result = await Allocate(vector);
        EventFd? trigger = null;
        result = result < 0 ? result : descriptor.GetEventFd(_session.Pci, out trigger);
        if (result < 0)
        {
            return result;
        }

        using (await _session.Device.LockAndEnableMemory())
        {
            Messages.Request(vector);
        }

        if (vector >= _triggers.Length)
        {
            Array.Resize(ref _triggers, vector + 1);
        }

        _triggers[vector] = trigger;
        return 0;
    }

    /// <summary>
    /// Gives one that is not there a message, before anybody looks who is to be signalled: it stays until all are given back
    /// (<c>vfio_msi_alloc_irq()</c>).
    /// </summary>
    /// <returns>0; -EINVAL for MSI, to which none can be added.</returns>
    private async KernelCall<int> Allocate(int vector)
    {
        if (Messages.IsAllocated(vector))
        {
            return 0;
        }

        if (Kind == MessageKind.Msi)
        {
            return -Errno.EINVAL;
        }

        using (await _session.Device.LockAndEnableMemory())
        {
            Messages.AllocateAt(vector);
            return 0;
        }
    }

    private async KernelCall Clear(int vector)
    {
        if (TriggerOf(vector) is not null)
        {
            using (await _session.Device.LockAndEnableMemory())
            {
                Messages.Release(vector);
            }

            _triggers[vector] = null;
        }
    }
}
