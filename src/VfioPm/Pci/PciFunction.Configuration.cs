namespace VfioPm;

/// <content>Configuration cycles.</content>
public sealed partial class PciFunction
{
    // What a read at the Vendor ID gives: a vendor that there is not, and ones.
    private const uint RetryVendor = 0xffff_0001;

    /// <summary>Whether configuration space answers: it has power, is ready, and can be reached.</summary>
    public bool Answers => AnswersConfig(PciRegisters.VendorId);

    /// <summary>Reads 1, 2 or 4 bytes of configuration space.</summary>
    /// <returns>
    /// What the registers hold; all ones where nothing answers: without power, below a bridge that passes
    /// nothing on, or behind the end of the function's space.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">No such access exists: not in 4096 bytes, or unaligned.</exception>
    public uint ReadConfig(int offset, int width)
    {
        CheckConfigAccess(offset, width);
        lock (_clock.Gate)
        {
            return ReadCycle(offset, width);
        }
    }

    /// <summary>Writes 1, 2 or 4 bytes of configuration space; lost where nothing answers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such access exists: not in 4096 bytes, or unaligned.</exception>
    public void WriteConfig(int offset, int width, uint value)
    {
        CheckConfigAccess(offset, width);
        lock (_clock.Gate)
        {
            WriteCycle(offset, width, value);
        }
    }

    /// <summary>
    /// Whether it completes configuration requests with the wish that they be tried again, since it is not ready yet (Request Retry
    /// Status; PCI Express Base, section 2.3.1).
    /// </summary>
    public bool IsRetrying => AnswersAt is not null && !Behavior.DropsRequestsWhileNotReady && HasPower && IsThere && IsReachable;

    /// <summary>The read itself, for the kernel, which holds the host's lock and asks for what exists.</summary>
    internal uint ReadCycle(int offset, int width) =>
        BeginCycle(offset) ? _space.ReadRegister(offset, width) : Unread(offset, width);

    /// <summary>The first dwords, one after the other.</summary>
    internal void ReadCycles(Span<uint> dwords)
    {
        int read = 0;
        while (read < dwords.Length && !IsOpen)
        {
            dwords[read] = ReadCycle(4 * read, 4);
            read++;
        }

        _space.Read(read, dwords[read..]);
    }

    /// <summary>Registers of which a copy is kept, one after the other.</summary>
    internal void ReadCycles(ReadOnlySpan<SavedRegister> registers, Span<uint> values)
    {
        int read = 0;
        for (; read < registers.Length && !IsOpen; read++)
        {
            if (registers[read].IsSaved)
            {
                values[read] = ReadCycle(registers[read].Offset, registers[read].Width);
            }
        }

        _space.Read(registers[read..], values[read..]);
    }

    /// <summary>Writes them back, one after the other.</summary>
    internal void WriteCycles(ReadOnlySpan<SavedRegister> registers, ReadOnlySpan<uint> values)
    {
        int written = 0;
        while (written < registers.Length)
        {
            written += IsOpen ? _space.Write(registers[written..], values[written..], _effects) : 0;
            if (written < registers.Length)
            {
                (int offset, int width, uint kept) = registers[written];
                uint before = kept == 0 ? 0 : ReadCycle(offset, width);
                WriteCycle(offset, width, registers[written].Restored(before, values[written]));
                written++;
            }
        }
    }

    /// <summary>
    /// Reads the first dwords, from the last to the first, and writes those that hold something else, up to one that is not what
    /// was written to it though it should be.
    /// </summary>
    /// <param name="dwords">What they are to hold.</param>
    /// <param name="shouldTake">Which of them should.</param>
    /// <returns>The number of that one; -1 where all are done.</returns>
    internal int WriteDifferent(ReadOnlySpan<uint> dwords, Range shouldTake)
    {
        (int first, int end) = (shouldTake.Start.Value, shouldTake.End.Value);
        for (int dword = dwords.Length - 1; dword >= 0; dword--)
        {
            dword = IsOpen ? _space.LastDifference(dwords[..(dword + 1)]) : dword;
            if (dword >= 0 && (IsOpen || ReadCycle(4 * dword, 4) != dwords[dword]))
            {
                WriteCycle(4 * dword, 4, dwords[dword]);
                if (dword >= first && dword < end && ReadCycle(4 * dword, 4) != dwords[dword])
                {
                    return dword;
                }
            }
        }

        return -1;
    }

    /// <summary>What a read would give, for who only watches: no access, so it cannot come too early.</summary>
    internal uint PeekCycle(int offset, int width) =>
        AnswersConfig(offset) ? _space.Read(offset, width) : Unread(offset, width);

    /// <summary>The write itself.</summary>
    internal void WriteCycle(int offset, int width, uint value)
    {
        if (!BeginCycle(offset))
        {
            return;
        }

        WriteEffects effects = EffectsAt(ConfigurationLayout.DwordOf(offset));
        if (effects == WriteEffects.None)
        {
            _space.Write(offset, width, value);
        }
        else
        {
            WriteAndFollow(offset, width, value, effects);
        }
    }

    /// <summary>Whether configuration cycles get as far as this function.</summary>
    private bool IsReachable
    {
        get
        {
            for (PciFunction? bridge = Upstream; bridge is not null; bridge = bridge.Upstream)
            {
                // A bridge passes cycles on in D0 only (PCI-to-PCI Bridge 1.2, appendix B; PCI Express Base, 5.3.1), and with
                // the numbers that a reset takes from it (section 3.2.5.3).
                if (!bridge.IsAnswering
                    || !bridge.IsLinkUp
                    || !bridge.FeedsSlot
                    || bridge.Pm is { State: not PowerState.D0 }
                    || bridge.Bridge is { BusReset: true } or { SecondaryBus: 0 })
                {
                    return false;
                }
            }

            return true;
        }
    }

    private static void CheckConfigAccess(int offset, int width)
    {
        if (width is not (1 or 2 or 4))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, "A register access has 1, 2 or 4 bytes.");
        }

        if (offset < 0 || offset > PciRegisters.ExtendedSize - width || (offset & (width - 1)) != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), offset, $"No aligned access of {width} bytes to configuration space has this offset.");
        }
    }

    private bool AnswersConfig(int offset) => IsAnswering && offset < _space.Size && IsReachable;

    /// <summary>Whether each cycle gets there, and none is worth a note.</summary>
    private bool IsOpen => _openIn == _epoch.Number;

    /// <summary>An access to configuration space, which is noted if it comes too early.</summary>
    /// <returns>Whether it gets there.</returns>
    private bool BeginCycle(int offset) => (IsOpen && offset < _space.Size) || FindTheWay(offset);

    private bool FindTheWay(int offset)
    {
        if (!AnswersConfig(offset))
        {
            if (!ShowsRetry(offset))
            {
                Listener?.OnUnanswered(bar: null, offset);
            }

            return false;
        }

        _timer.CheckAccess(bar: null, offset);
        if (!_timer.IsRunning)
        {
            _openIn = _epoch.Number;
        }

        return true;
    }

    /// <summary>What a read gives that no register answers.</summary>
    private uint Unread(int offset, int width) => (ShowsRetry(offset) ? RetryVendor : uint.MaxValue) & AllOnes(width);

    /// <summary>
    /// Whether a read at the Vendor ID tells that the function wants to be asked again. The root port shows it there, if software wants
    /// that, and else asks again itself until it gives up (section 2.3.2).
    /// </summary>
    private bool ShowsRetry(int offset)
    {
        if (offset != PciRegisters.VendorId || !IsRetrying)
        {
            return false;
        }

        PciFunction root = FindRoot();
        return root.Capabilities.Find(CapabilityId.Express) is { Offset: int express }
            && root._space.Has(express + ExpressRegisters.RootControl, 2, ExpressRegisters.RootControlRetryVisible)
            && ExpressRegisters.TypeOf((int)root._space.Read(express + ExpressRegisters.Flags, 2)) == ExpressPortType.RootPort;
    }

    private static uint AllOnes(int width) => uint.MaxValue >> (32 - (8 * width));

    private VitalProductData? FindVpd() => Capabilities.Find(CapabilityId.VitalProductData) is { } capability
        && _space.Reaches(capability.Offset, VpdRegisters.Size)
        ? new VitalProductData(capability.Offset, Image.VitalProductData.Span, completes: !Behavior.NeverCompletesVpd)
        : null;
}
