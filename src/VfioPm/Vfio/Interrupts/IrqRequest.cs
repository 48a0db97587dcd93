namespace VfioPm;

/// <summary>
/// <c>VFIO_DEVICE_SET_IRQS</c> with the data that the kernel copied from its user (<c>vfio_pci_ioctl_set_irqs()</c>).
/// </summary>
internal sealed class IrqRequest : VfioRequest
{
    private readonly VfioIrqSetFlags _flags;
    private readonly bool[] _bools;
    private readonly uint _argumentSize;
    private readonly uint _index;

    public IrqRequest(VfioIrqSet set)
    {
        _flags = set.Flags;
        _argumentSize = set.ArgumentSize;
        _index = set.Index;
        Start = set.Start;
        Count = set.Count;
        _bools = BoolsIn(set.Bools);
        EventFds = set.EventFds.ToArray();
    }

    private IrqRequest(in IrqSetStructure header, ReadOnlySpan<byte> data, DescriptorTable descriptors)
    {
        _flags = (VfioIrqSetFlags)header.Flags;
        _argumentSize = header.ArgumentSize;
        _index = header.Index;
        Start = header.Start;
        Count = header.Count;
        _bools = Data == VfioIrqSetFlags.DataBool ? BoolsIn(data[..(int)Math.Min(Count, data.Length)]) : [];
        EventFds = Data == VfioIrqSetFlags.DataEventFd ? descriptors.Read(data, Count) : [];
    }

    private IrqRequest(IrqRequest original, ForkContext fork)
    {
        _flags = original._flags;
        _argumentSize = original._argumentSize;
        _index = original._index;
        _bools = original._bools;
        Start = original.Start;
        Count = original.Count;
        EventFds = [.. original.EventFds.Select(descriptor => descriptor.Fork(fork))];
    }

    public override string What => "user sets interrupts";

    public VfioIrqIndex Index => (VfioIrqIndex)_index;

    public uint Start { get; }

    public uint Count { get; }

    public VfioIrqSetFlags Data => _flags & VfioIrqSetFlags.DataMask;

    public VfioIrqSetFlags Action => _flags & VfioIrqSetFlags.ActionTypeMask;

    public IReadOnlyList<FileDescriptor> EventFds { get; }

    /// <inheritdoc cref="FeatureRequest.CopyFrom"/>
    public static IrqRequest? CopyFrom(UserMemory argument, DescriptorTable descriptors) =>
        argument.TryCopyFrom(out IrqSetStructure header)
            ? new IrqRequest(header, argument.Bytes[(int)VfioIrqSet.HeaderSize..], descriptors)
            : null;

    /// <summary>Whether a vector of the range is chosen, where the data chooses.</summary>
    public bool Chooses(int position) => Data == VfioIrqSetFlags.DataNone || _bools[position];

    public override async KernelCall<int> Execute(VfioSession session)
    {
        int result = Validate(session.Interrupts.CountOf(Index));
        return result < 0 ? result : await session.Interrupts.Set(this);
    }

    public override IReadOnlyList<FileDescriptor> Descriptors => EventFds;

    public override VfioRequest Fork(ForkContext fork) => new IrqRequest(this, fork);

    public override void AddTo(ref StateHash hash)
    {
        hash.Add((uint)_flags);
        hash.Add(_argumentSize);
        hash.Add(_index);
        hash.Add(Start);
        hash.Add(Count);
        foreach (bool chosen in _bools)
        {
            hash.Add(chosen);
        }

        foreach (FileDescriptor descriptor in EventFds)
        {
            descriptor.AddTo(ref hash);
        }
    }

    private static bool[] BoolsIn(ReadOnlySpan<byte> bytes)
    {
        var bools = new bool[bytes.Length];
        for (int i = 0; i < bools.Length; i++)
        {
            bools[i] = bytes[i] != 0;
        }

        return bools;
    }

    /// <summary>Checks the request (<c>vfio_set_irqs_validate_and_prepare()</c>).</summary>
    /// <returns>0; -EINVAL for what makes no sense; -EFAULT if the data is not all there.</returns>
    private int Validate(uint available)
    {
        const VfioIrqSetFlags Known = VfioIrqSetFlags.DataMask | VfioIrqSetFlags.ActionTypeMask;

        bool isHeaderBad = _argumentSize < VfioIrqSet.HeaderSize
            || _index > (uint)VfioIrqIndex.Req
            || Count >= uint.MaxValue - Start
            || (_flags & ~Known) != 0;
        if (isHeaderBad || Start >= available || Start + Count > available)
        {
            return -Errno.EINVAL;
        }

        int present = Data switch
        {
            VfioIrqSetFlags.DataNone => int.MaxValue,
            VfioIrqSetFlags.DataBool => _bools.Length,
            VfioIrqSetFlags.DataEventFd => EventFds.Count,
            _ => -1,
        };
        return present < 0 || _argumentSize - VfioIrqSet.HeaderSize < Count * VfioIrqSet.SizeOf(Data) ? -Errno.EINVAL
            : present < Count ? -Errno.EFAULT
            : 0;
    }
}
