namespace VfioPm;

/// <summary>MSI or MSI-X for the user of a device: an eventfd for each vector (<c>vfio_pci_intrs.c</c>).</summary>
internal sealed class VectorInterrupts(VfioPciDevice device)
{
    private EventFd?[] _triggers = [];

    /// <summary>Base-2 logarithm of the vectors of MSI that were set up last, rounded up (<c>msi_qmax</c>).</summary>
    public int QueueSize { get; private set; }

    /// <summary>What is set up.</summary>
    public MessageKind Kind => device.Pci.Messages.Kind;

    private MessageInterrupts Messages => device.Pci.Messages;

    /// <summary>Whether vectors beyond those set up can be added.</summary>
    private bool Grows => Kind == MessageKind.MsiX && device.Rules.MsiXGrows;

    public void CopyFrom(VectorInterrupts original, ForkContext fork)
    {
        QueueSize = original.QueueSize;
        _triggers = [.. original._triggers.Select(fork.OfNullable)];
    }

    /// <summary>The eventfd of a vector.</summary>
    public EventFd? TriggerOf(int vector) => vector < _triggers.Length ? _triggers[vector] : null;

    /// <summary>The function signals a vector (<c>vfio_msihandler()</c>).</summary>
    public void Handle(int vector) => TriggerOf(vector)?.Signal();

    /// <summary><c>vfio_msi_enable()</c>.</summary>
    /// <returns>0, or what the PCI core gives: -EINVAL outside of D0.</returns>
    public KernelResult Enable(MessageKind kind, int count)
    {
        uint command = EnableMemory();
        KernelResult result = Messages.Allocate(kind, count);
        RestoreCommand(command);
        if (result.IsError)
        {
            return result;
        }

        _triggers = new EventFd?[count];
        if (kind == MessageKind.Msi)
        {
            QueueSize = System.Numerics.BitOperations.Log2((uint)((2 * count) - 1));
        }

        return KernelResult.Success;
    }

    /// <summary><c>vfio_msi_disable()</c>.</summary>
    public void Disable()
    {
        for (int vector = 0; vector < _triggers.Length; vector++)
        {
            Clear(vector);
        }

        uint command = EnableMemory();
        Messages.Free();
        RestoreCommand(command);
        _triggers = [];
        if (device.IsIntxBroken)
        {
            device.Pci.Line.SetIntx(false);
        }
    }

    /// <summary>
    /// Says whom a range of vectors signals; an error takes the range back (<c>vfio_msi_set_block()</c>).
    /// </summary>
    public KernelResult Set(int start, ReadOnlySpan<FileDescriptor> descriptors)
    {
        if (!Grows && (start >= _triggers.Length || start + descriptors.Length > _triggers.Length))
        {
            return Errno.EINVAL;
        }

        for (int i = 0; i < descriptors.Length; i++)
        {
            KernelResult result = Set(start + i, descriptors[i]);
            if (result.IsError)
            {
                for (int vector = start; vector <= start + i; vector++)
                {
                    Clear(vector);
                }

                return result;
            }
        }

        return KernelResult.Success;
    }

    /// <summary>Signals what the request chooses, as if the function had (<c>vfio_pci_set_msi_trigger()</c>).</summary>
    public KernelResult Loop(in VfioIrqSet request)
    {
        if (!Grows && request.Start + request.Count > _triggers.Length)
        {
            return Errno.EINVAL;
        }

        for (int i = 0; i < request.Count; i++)
        {
            if (request.Chooses(i))
            {
                TriggerOf((int)request.Start + i)?.Signal();
            }
        }

        return KernelResult.Success;
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(QueueSize);
        foreach (EventFd? trigger in _triggers)
        {
            hash.Add((long)(trigger?.Count ?? ulong.MaxValue));
        }
    }

    /// <summary><c>vfio_msi_set_vector_signal()</c>.</summary>
    private KernelResult Set(int vector, FileDescriptor descriptor)
    {
        Clear(vector);
        if (descriptor.IsNone)
        {
            return KernelResult.Success;
        }

        KernelResult result = descriptor.GetEventFd(out EventFd? trigger);
        if (result.IsError)
        {
            return result;
        }

        uint command = EnableMemory();
        Messages.AllocateAt(vector);
        Messages.Request(vector);
        RestoreCommand(command);
        if (vector >= _triggers.Length)
        {
            Array.Resize(ref _triggers, vector + 1);
        }

        _triggers[vector] = trigger;
        return KernelResult.Success;
    }

    private void Clear(int vector)
    {
        if (TriggerOf(vector) is not null)
        {
            uint command = EnableMemory();
            Messages.Release(vector);
            RestoreCommand(command);
            _triggers[vector] = null;
        }
    }

    /// <summary>The vector table lies in memory (<c>vfio_pci_memory_lock_and_enable()</c>).</summary>
    /// <returns>COMMAND as it was.</returns>
    private uint EnableMemory()
    {
        device.WaitForMemory();
        uint command = device.Pci.ReadConfig(PciRegisters.Command, 2);
        if ((command & PciRegisters.CommandMemory) == 0)
        {
            device.Pci.WriteConfig(PciRegisters.Command, 2, command | PciRegisters.CommandMemory);
        }

        return command;
    }

    private void RestoreCommand(uint command) => device.Pci.WriteConfig(PciRegisters.Command, 2, command);
}
