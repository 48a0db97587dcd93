namespace VfioPm;

/// <content>Configuration cycles.</content>
public sealed partial class PciFunction
{
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

    /// <summary>The read itself, for the kernel, which holds the host's lock and asks for what exists.</summary>
    internal uint ReadCycle(int offset, int width) => BeginCycle(offset) ? _space.ReadRegister(offset, width) : AllOnes(width);

    /// <summary>What a read would give, for who only watches: no access, so it cannot come too early.</summary>
    internal uint PeekCycle(int offset, int width) =>
        AnswersConfig(offset) ? _space.Read(offset, width) : AllOnes(width);

    /// <summary>The write itself.</summary>
    internal void WriteCycle(int offset, int width, uint value)
    {
        if (!BeginCycle(offset))
        {
            return;
        }

        if (_isWatched[offset / 4])
        {
            WriteAndFollow(offset, width, value);
        }
        else
        {
            _space.Write(offset, width, value);
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

    /// <summary>An access to configuration space, which is noted if it comes too early.</summary>
    /// <returns>Whether it gets there.</returns>
    private bool BeginCycle(int offset) =>
        _openIn == _epoch.Number ? offset < _space.Size : FindTheWay(offset);

    private bool FindTheWay(int offset)
    {
        if (!AnswersConfig(offset))
        {
            Listener?.OnUnanswered(bar: null, offset);
            return false;
        }

        _timer.CheckAccess(bar: null, offset);
        if (!_timer.IsRunning)
        {
            _openIn = _epoch.Number;
        }

        return true;
    }

    private static uint AllOnes(int width) => uint.MaxValue >> (32 - (8 * width));

    /// <summary>Writes where hardware does more than keep the bits (<see cref="FindWatched"/>).</summary>
    private void WriteAndFollow(int offset, int width, uint value)
    {
        PowerState stateBefore = PowerState;
        bool busResetBefore = Bridge is { BusReset: true };
        if (_space.Write(offset, width, FilterPowerState(offset, width, value)))
        {
            _epoch.Advance();
        }

        FinishPowerTransition(stateBefore);
        FinishBusReset(busResetBefore);
        _vpd?.Follow(_space, offset, width);
        StartFunctionLevelReset(offset, width, value);
        FollowPin();
        FollowVfEnable();
    }

    /// <summary>The dwords of the space that <see cref="WriteAndFollow"/> may have something to do after a write of.</summary>
    private bool[] FindWatched()
    {
        bool[] isWatched = new bool[_space.Size / 4];
        Watch(PciRegisters.Command);
        Watch(PciRegisters.InterruptPin);
        Watch(PciRegisters.BridgeControl);
        Watch(IsBridge ? PciRegisters.PrimaryBus : null);
        Watch(Pm?.ControlStatusOffset);
        Watch(_vpd?.FlagOffset);
        Watch(Sriov?.Offset + SriovRegisters.Control);
        Watch(Sriov?.Offset + SriovRegisters.NumVfs);
        foreach (FlrTrigger trigger in _flrTriggers)
        {
            Watch(trigger.Offset);
        }

        return isWatched;

        void Watch(int? register)
        {
            // A broken chain can put a capability right before the end.
            if (register < _space.Size)
            {
                isWatched[register.Value / 4] = true;
            }
        }
    }

    private void StartFunctionLevelReset(int offset, int width, uint value)
    {
        foreach (FlrTrigger trigger in _flrTriggers)
        {
            if (trigger.IsSetBy(offset, width, value))
            {
                Reset(ResetKind.FunctionLevel);
            }
        }
    }

    private VitalProductData? FindVpd() => Capabilities.Find(CapabilityId.VitalProductData) is { } capability
        ? new VitalProductData(capability.Offset, Image.VitalProductData.Span, completes: !Behavior.NeverCompletesVpd)
        : null;

    private void FinishBusReset(bool busResetBefore)
    {
        bool busReset = Bridge is { BusReset: true };
        if (busReset == busResetBefore)
        {
            return;
        }

        foreach (PciFunction below in _downstream)
        {
            // The reset acts while it is asserted; the time to recover begins when it ends.
            below.Reset(ResetKind.Bus);
        }
    }
}
