namespace VfioPm.Server;

/// <summary>
/// Where a bare function's interrupts go. What a kernel does about them the client does: the vectors of MSI-X are in its own
/// table, and INTx, once told, is masked until the client has it unmasked.
/// </summary>
internal sealed class SiliconInterrupts(PciFunction function)
{
    private const VfioIrqInfoFlags IntxFlags = VfioIrqInfoFlags.EventFd | VfioIrqInfoFlags.Maskable | VfioIrqInfoFlags.AutoMasked;

    private readonly Lock _lock = new();
    private readonly Dictionary<(VfioIrqIndex Index, uint Vector), NativeDescriptor> _eventFds = [];
    private bool _isIntxMasked;

    /// <summary>What an index can do, or null for one that there is not.</summary>
    public VfioIrqInfo? InfoOf(VfioIrqIndex index) => index switch
    {
        VfioIrqIndex.Intx => new VfioIrqInfo(IntxFlags, CountOf(index)),
        VfioIrqIndex.MsiX => new VfioIrqInfo(VfioIrqInfoFlags.EventFd, CountOf(index)),
        VfioIrqIndex.Msi or VfioIrqIndex.Err or VfioIrqIndex.Req =>
            new VfioIrqInfo(VfioIrqInfoFlags.EventFd | VfioIrqInfoFlags.NoResize, CountOf(index)),
        _ => null,
    };

    /// <summary><c>VFIO_DEVICE_SET_IRQS</c>.</summary>
    /// <returns>Nothing; EINVAL for what makes no sense; ENOTTY for an action that the index does not have.</returns>
    public Answer Set(IrqSetStructure request, ReadOnlySpan<byte> bools, IReadOnlyList<NativeDescriptor> eventFds)
    {
        lock (_lock)
        {
            Answer answer = TrySet(request, bools, eventFds);
            if (answer.Error is not null)
            {
                Dispose(eventFds);
            }

            SignalPin();
            return answer;
        }
    }

    /// <summary>The function may have changed its pin.</summary>
    public void FollowPin()
    {
        lock (_lock)
        {
            SignalPin();
        }
    }

    /// <summary>The function sends a message, or the client is asked for it.</summary>
    /// <returns>Whether it may, and the client is told.</returns>
    public bool Raise(VfioIrqIndex index, uint vector)
    {
        lock (_lock)
        {
            return MaySend(index) && TrySignal(index, vector);
        }
    }

    /// <summary>Nobody is told any more.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            Dispose(_eventFds.Values);
            _eventFds.Clear();
            _isIntxMasked = false;
        }
    }

    private static void Dispose(IEnumerable<NativeDescriptor> descriptors)
    {
        foreach (NativeDescriptor descriptor in descriptors)
        {
            descriptor.Dispose();
        }
    }

    private Answer TrySet(IrqSetStructure request, ReadOnlySpan<byte> bools, IReadOnlyList<NativeDescriptor> eventFds)
    {
        const VfioIrqSetFlags Known = VfioIrqSetFlags.DataMask | VfioIrqSetFlags.ActionTypeMask;

        var index = (VfioIrqIndex)request.Index;
        bool makesSense = ((VfioIrqSetFlags)request.Flags & ~Known) == 0
            && request.Data() is VfioIrqSetFlags.DataNone or VfioIrqSetFlags.DataBool or VfioIrqSetFlags.DataEventFd
            && InfoOf(index) is { Count: var count }
            && request.Start < count
            && request.Count <= count - request.Start
            && eventFds.All(static eventFd => eventFd.IsEventFd);
        if (!makesSense)
        {
            return Errno.EINVAL;
        }

        switch (request.Action())
        {
            case VfioIrqSetFlags.ActionTrigger when request.GivesUp():
                GiveUp(index);
                return Answer.Empty;
            case VfioIrqSetFlags.ActionTrigger when request.Data() == VfioIrqSetFlags.DataEventFd:
                Take(request, eventFds);
                return Answer.Empty;
            case VfioIrqSetFlags.ActionTrigger:
                Loop(request, bools);
                return Answer.Empty;
            case VfioIrqSetFlags.ActionMask or VfioIrqSetFlags.ActionUnmask
                when index == VfioIrqIndex.Intx && request is { Count: 1 } && request.Data() != VfioIrqSetFlags.DataEventFd:
                _isIntxMasked = Chooses(bools, 0)
                    ? request.Action() == VfioIrqSetFlags.ActionMask
                    : _isIntxMasked;
                return Answer.Empty;
            default:
                return Errno.ENOTTY;
        }
    }

    private static bool Chooses(ReadOnlySpan<byte> bools, int place) => bools.IsEmpty || bools[place] != 0;

    private void GiveUp(VfioIrqIndex index)
    {
        foreach ((VfioIrqIndex Index, uint Vector) slot in _eventFds.Keys.Where(slot => slot.Index == index).ToList())
        {
            Replace(slot, null);
        }
    }

    private void Take(IrqSetStructure request, IReadOnlyList<NativeDescriptor> eventFds)
    {
        for (uint i = 0; i < request.Count; i++)
        {
            Replace(((VfioIrqIndex)request.Index, request.Start + i), eventFds.ElementAtOrDefault((int)i));
        }
    }

    private void Replace((VfioIrqIndex Index, uint Vector) slot, NativeDescriptor? eventFd)
    {
        if (_eventFds.Remove(slot, out NativeDescriptor? before))
        {
            before.Dispose();
        }

        if (slot.Index == VfioIrqIndex.Intx)
        {
            _isIntxMasked = false;
        }

        if (eventFd is not null)
        {
            _eventFds.Add(slot, eventFd);
        }
    }

    /// <summary>The client has interrupts signalled as if the function had raised them.</summary>
    private void Loop(IrqSetStructure request, ReadOnlySpan<byte> bools)
    {
        for (int i = 0; i < request.Count; i++)
        {
            if (Chooses(bools, i))
            {
                TrySignal((VfioIrqIndex)request.Index, request.Start + (uint)i);
            }
        }
    }

    private bool TrySignal(VfioIrqIndex index, uint vector)
    {
        bool isThere = _eventFds.TryGetValue((index, vector), out NativeDescriptor? eventFd);
        eventFd?.Signal(1);
        return isThere;
    }

    private void SignalPin() =>
        _isIntxMasked |= function.IsInterruptLineAsserted && !_isIntxMasked && TrySignal(VfioIrqIndex.Intx, 0);

    /// <summary>Whether the function may send messages now (PCI Local Bus 3.0, section 6.8).</summary>
    private bool MaySend(VfioIrqIndex index) => index switch
    {
        VfioIrqIndex.Msi => IsMaster && (ControlOf(CapabilityId.Msi) & MsiRegisters.Enable) != 0,
        VfioIrqIndex.MsiX => IsMaster && (ControlOf(CapabilityId.MsiX) & MsiRegisters.MsiXEnable) != 0,
        _ => true,
    };

    private bool IsMaster => function.PowerState == PowerState.D0
        && function.Answers
        && (function.Configuration.Read(PciRegisters.Command, 2) & PciRegisters.CommandMaster) != 0;

    private int CountOf(VfioIrqIndex index) => index switch
    {
        VfioIrqIndex.Intx => function.Configuration.Read(PciRegisters.InterruptPin, 1) != 0 ? 1 : 0,
        VfioIrqIndex.Msi => function.Capabilities.Find(CapabilityId.Msi) is null ? 0
            : 1 << (int)((ControlOf(CapabilityId.Msi) & MsiRegisters.MultipleCapable) >> 1),
        VfioIrqIndex.MsiX => function.Capabilities.Find(CapabilityId.MsiX) is null ? 0
            : (int)(ControlOf(CapabilityId.MsiX) & MsiRegisters.MsiXTableSize) + 1,
        _ => 1,
    };

    private uint ControlOf(int capability) => function.Capabilities.Find(capability) is { } found
        ? function.Configuration.Read(found.Offset + MsiRegisters.MessageControl, 2)
        : 0;
}
