namespace VfioPm;

/// <content>Memory and I/O cycles.</content>
public sealed partial class PciFunction
{
    /// <summary>The BAR of this index, or null: absent, or the upper half of the one before.</summary>
    public Bar? FindBar(int index)
    {
        // By index: enumerating through the interface would allocate.
        for (int i = 0; i < Bars.Count; i++)
        {
            if (Bars[i].Index == index)
            {
                return Bars[i];
            }
        }

        return null;
    }

    /// <summary>Whether the function answers cycles to this BAR now.</summary>
    public bool Decodes(int bar) => FindBar(bar) is { } found && Decodes(found);

    /// <summary>
    /// Whether the function answers cycles to this BAR now: it is enabled in Command (and a ROM in its own
    /// register too), and the function is in D0 (PCI Power Management 1.2, section 5.4).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Its register is outside of configuration space.</exception>
    public bool Decodes(Bar bar)
    {
        ArgumentNullException.ThrowIfNull(bar);
        bar.CheckIn(_space, nameof(bar));
        lock (_clock.Gate)
        {
            return IsAnswering
                && IsAwakeForMemory
                && IsEnabled(bar)
                && (bar.Kind != BarKind.Rom || _space.Has(bar.Register, 4, PciRegisters.RomAddressEnable))
                && IsReachable
                && ReachesMemory(bar.IsIo);
        }
    }

    /// <summary>Bridges pass memory and I/O cycles on where that is enabled in their own Command (PCI-to-PCI Bridge 1.2, section 3.2.4.3).</summary>
    private bool ReachesMemory(bool isIo)
    {
        bool isPassedOn = true;
        for (PciFunction? bridge = Upstream; bridge is not null; bridge = bridge.Upstream)
        {
            isPassedOn &= bridge._space.Has(
                PciRegisters.Command, 2, isIo ? PciRegisters.CommandIo : PciRegisters.CommandMemory);
        }

        return isPassedOn;
    }

    /// <summary>A virtual function sleeps where its physical function does (PCI Express Base, section 9.6.2).</summary>
    private bool IsAwakeForMemory => Behavior.AnswersMemoryInEveryState
        || (Pm is not { State: not PowerState.D0 } && PhysicalFunction is not { IsAwakeForMemory: false });

    private bool IsEnabled(Bar bar) => PhysicalFunction is { } physical
        ? physical.Sriov!.IsVfMemoryEnabled
        : _space.Has(PciRegisters.Command, 2, bar.IsIo ? PciRegisters.CommandIo : PciRegisters.CommandMemory);

    /// <summary>Reads 1, 2, 4 or 8 bytes of the device's registers behind a BAR.</summary>
    /// <returns>What the device holds; all ones where the function does not decode.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such BAR, or the bytes are not all in it.</exception>
    public ulong ReadBar(int bar, long offset, int width)
    {
        Bar accessed = CheckBarAccess(bar, offset, width);
        lock (_clock.Gate)
        {
            if (!Decodes(accessed))
            {
                Listener?.OnUnanswered(bar, offset);
                return Unanswered(accessed, width);
            }

            _timer.CheckAccess(bar, offset);
            ulong value = _registers.Read(bar, offset, width);
            FollowDevice();
            return value;
        }
    }

    /// <summary>Writes 1, 2, 4 or 8 bytes behind a BAR; lost where the function does not decode.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such BAR, or the bytes are not all in it.</exception>
    public void WriteBar(int bar, long offset, int width, ulong value)
    {
        Bar accessed = CheckBarAccess(bar, offset, width);
        lock (_clock.Gate)
        {
            if (!Decodes(accessed))
            {
                Listener?.OnUnanswered(bar, offset);
                return;
            }

            _timer.CheckAccess(bar, offset);
            _registers.Write(bar, offset, width, value);
            FollowDevice();
        }
    }

    /// <summary>
    /// Reads from what somebody mapped, of which the BAR may be only the beginning: a page, or a BAR that was resized and is smaller since a
    /// reset.
    /// </summary>
    internal ulong ReadMapped(int bar, long offset, int width) =>
        FindBar(bar) is { } small && (ulong)offset + (ulong)width > small.Size
            ? Unanswered(small, width)
            : ReadBar(bar, offset, width);

    /// <summary>Writes to what somebody mapped.</summary>
    internal void WriteMapped(int bar, long offset, int width, ulong value)
    {
        if (FindBar(bar) is { } found && (ulong)offset + (ulong)width <= found.Size)
        {
            WriteBar(bar, offset, width, value);
        }
    }

    private ulong Unanswered(Bar bar, int width) =>
        Behavior.UnansweredMemoryReadsZero && !bar.IsIo ? 0 : ulong.MaxValue >> (64 - (8 * width));

    private Bar CheckBarAccess(int bar, long offset, int width)
    {
        Bar found = FindBar(bar)
            ?? throw new ArgumentOutOfRangeException(nameof(bar), bar, $"{Address} has no such BAR.");
        if (width is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, "A BAR access has 1, 2, 4 or 8 bytes.");
        }

        return offset >= 0 && (ulong)offset + (ulong)width <= found.Size
            ? found
            : throw new ArgumentOutOfRangeException(
                nameof(offset), offset, $"BAR {bar} of {Address} has 0x{found.Size:x} bytes.");
    }
}
