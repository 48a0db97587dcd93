namespace VfioPm;

/// <content>Power states, power and resets.</content>
public sealed partial class PciFunction
{
    // Whether whoever supplies it has it switched on; a slot in between may be empty.
    private bool _isSupplied;

    // Whether the machine is not in S3, where no supply but the auxiliary one is on.
    private bool _isMachineOn = true;

    private static readonly TimeSpan D2Delay = TimeSpan.FromMicroseconds(200);
    private static readonly TimeSpan ResetDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>The state the hardware is in: D3cold without power, else what PMCSR says.</summary>
    public PowerState PowerState => !HasPower ? PowerState.D3Cold : Pm?.State ?? PowerState.D0;

    /// <summary>Whether it has main power.</summary>
    public bool HasPower { get; private set; } = true;

    /// <summary>What it needs after entering or leaving D3hot; 10 ms unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// It is negative, or more milliseconds than the kernel's <c>d3hot_delay</c> holds, an <c>unsigned int</c>.
    /// </exception>
    public TimeSpan D3HotDelay
    {
        get;
        set => field = CheckDelay(value);
    } = TimeSpan.FromMilliseconds(10);

    /// <summary>What it needs after it got power; 100 ms unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The same, of <c>d3cold_delay</c>.</exception>
    public TimeSpan D3ColdDelay
    {
        get;
        set => field = CheckDelay(value);
    } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Whether it answers nothing although it has power: it is not ready yet, or dead (<see cref="HardwareBehavior"/>).
    /// </summary>
    public bool IsSilent => _clock.Now < _silentUntil;

    /// <summary>How much later than else it will answer, once (<see cref="AnswerLate"/>).</summary>
    public TimeSpan Lateness { get; private set; }

    /// <summary>When it begins to answer again, since boot; null for one that does, or never will.</summary>
    public TimeSpan? AnswersAt => IsSilent && _silentUntil != HardwareBehavior.Forever ? _silentUntil : null;

    /// <summary>
    /// Whether a write of D3hot to PMCSR takes the function there: some that have the capability leave the bits alone
    /// (<see cref="HardwareBehavior.IgnoresD3Hot"/>, <see cref="DeviceImage.WithWritableBits"/>).
    /// </summary>
    internal bool TakesD3Hot => Pm is { ControlStatusOffset: var pmcsr } && !Behavior.IgnoresD3Hot
        && (Configuration.Layout.WritableAt(pmcsr) & PmRegisters.StateMask) == PmRegisters.StateMask;

    /// <summary>Who is told what becomes of the function, if anybody.</summary>
    internal IHardwareListener? Listener { get; set; }

    /// <summary>Whether the link below this port is up.</summary>
    public bool IsLinkUp => !_lostLink;

    private bool IsImmediatelyReady => _space.Has(PciRegisters.Status, 2, PciRegisters.StatusImmediateReadiness);

    private bool IsAnswering => (HasPower || Behavior.AnswersWithoutPower) && !IsSilent && IsThere;

    /// <summary>
    /// Gives or takes main power, as the platform does. Without it the function is in D3cold; with it again it
    /// is in D0, uninitialised: its registers are at their reset values, except those on the auxiliary supply.
    /// </summary>
    public void SetPower(bool on)
    {
        lock (_clock.Gate)
        {
            SwitchPower(on);
        }
    }

    /// <summary>
    /// Resets the function. A bus reset of a bridge goes on to all that is below it; the other kinds stay with
    /// the function.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public void Reset(ResetKind kind = ResetKind.FunctionLevel)
    {
        if (kind is < ResetKind.Soft or > ResetKind.PowerLoss)
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such reset.");
        }

        lock (_clock.Gate)
        {
            PowerState before = PowerState;
            if (kind == ResetKind.Bus && Behavior.AnswersAfterBusReset)
            {
                _silentUntil = null;
            }

            ResetRegisters(kind);
            TellListener(before);
            BeginTransition(Transition.Reset, IsImmediatelyReady ? TimeSpan.Zero : ResetDelay);
            if (kind == ResetKind.FunctionLevel)
            {
                ComeBack(Behavior.SilenceAfterFunctionLevelReset);
            }
            else if (kind == ResetKind.Bus)
            {
                ComeBack(TimeSpan.Zero);
                foreach (PciFunction below in _downstream)
                {
                    below.Reset(kind);
                }
            }
        }
    }

    /// <summary>Resets the function alone, in a way that leaves it ready at once: the firmware's.</summary>
    internal void ResetReady()
    {
        PowerState before = PowerState;
        ResetRegisters(ResetKind.FunctionLevel);
        TellListener(before);
    }

    /// <summary>The switching itself, for the firmware, who holds the host's lock.</summary>
    internal void SwitchPower(bool on)
    {
        _isSupplied = on;
        FollowPower();
    }

    /// <summary>
    /// The machine goes to S3, or comes back: by then the firmware has waited for what the function needs after it got power (ACPI 6.5,
    /// section 16.1.3).
    /// </summary>
    internal void FollowMachine(bool on)
    {
        _isMachineOn = on;
        FollowPower(TimeSpan.Zero);
    }

    /// <summary>
    /// From now on it answers nothing, for a while or for ever (<see cref="HardwareBehavior.Forever"/>): a card that is busy, or hung itself up.
    /// What <see cref="HardwareBehavior"/> says of silences ends this one as well. Without power it is silent already.
    /// </summary>
    /// <param name="duration">How long.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="duration"/> is negative.</exception>
    public void FallSilent(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        lock (_clock.Gate)
        {
            if (HasPower || Behavior.AnswersWithoutPower)
            {
                BeSilentFor(duration);
            }
        }
    }

    /// <summary>
    /// The next time that it gets power, is reset (by itself or with its bus) or leaves D3hot it answers that much later than else: what the
    /// specifications allow of the first two (PCI Express Base, section 6.6.1), and some cards do after the last.
    /// </summary>
    /// <param name="lateness">How much; <see cref="HardwareBehavior.Forever"/> for one that does not come back.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lateness"/> is negative.</exception>
    public void AnswerLate(TimeSpan lateness)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lateness, TimeSpan.Zero);
        lock (_clock.Gate)
        {
            Lateness = lateness;
        }
    }

    private void FollowPower() => FollowPower(D3ColdDelay);

    /// <summary>The supply, or what is between it and the function, changed.</summary>
    private void FollowPower(TimeSpan delay)
    {
        bool on = _isSupplied && _isMachineOn && IsFedBySlot;
        if (HasPower == on)
        {
            return;
        }

        PowerState before = PowerState;
        HasPower = on;
        _epoch.Advance();
        if (on)
        {
            BeginTransition(Transition.PowerOn, delay);
            ComeBack(Behavior.SilenceAfterPowerOn);
            LoseLink();
        }
        else
        {
            _silentUntil = null;
            if (!Behavior.KeepsRegistersWithoutPower)
            {
                ResetRegisters(ResetKind.PowerLoss);
            }
        }

        TellListener(before);
    }

    private void BeginTransition(Transition transition, TimeSpan duration)
    {
        _timer.Begin(transition, duration);
        _epoch.Advance();
    }

    /// <summary>It is reset, or has power again, and is silent as long as it always is, and as it was told to be this once.</summary>
    private void ComeBack(TimeSpan usual)
    {
        TimeSpan lateness = Lateness;
        Lateness = TimeSpan.Zero;
        usual = usual > TimeSpan.Zero ? usual : TimeSpan.Zero;
        BeSilentFor(lateness > HardwareBehavior.Forever - usual ? HardwareBehavior.Forever : usual + lateness);
    }

    private void BeSilentFor(TimeSpan duration)
    {
        if (duration > TimeSpan.Zero && _clock.After(duration) is var until && !(until <= _silentUntil))
        {
            _silentUntil = until;
            _epoch.Advance();
        }
    }

    private static TimeSpan CheckDelay(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromMilliseconds(uint.MaxValue));
        return value;
    }

    private void LoseLink()
    {
        if (!Behavior.LosesLinkWithPower)
        {
            return;
        }

        _lostLink = true;
        _epoch.Advance();
        if (Capabilities.Find(CapabilityId.Express) is { } express)
        {
            _space.SetBits(
                express.Offset + ExpressRegisters.LinkStatus, ExpressRegisters.LinkStatusActive, set: false);
        }
    }

    private void ResetRegisters(ResetKind kind)
    {
        _space.Reset(kind);
        FollowBarSizes();
        _epoch.Advance();
        _registers.Reset(kind);
        _space.SetBits(PciRegisters.Status, PciRegisters.StatusInterrupt, set: false);
        FollowPin();
        if (kind is ResetKind.Bus or ResetKind.PowerLoss)
        {
            LoseSignalsWithLink();
        }

        FollowVfEnable();
        ShowSlot();
        Listener?.OnReset(kind);
    }

    /// <summary>
    /// The value of a write with the power state put back where PMCSR would not take it: a state that the
    /// function does not have, or cannot get to from where it is (PCI Power Management 1.2, section 3.2.4). It is in the lowest byte of a
    /// dword, so that only an access that begins there reaches it.
    /// </summary>
    private uint FilterPowerState(int offset, uint value)
    {
        if (Pm is null || offset != Pm.ControlStatusOffset)
        {
            return value;
        }

        var wanted = (PowerState)(value & PmRegisters.StateMask);
        bool taken = Pm.Supports(wanted) && CanGo(Pm.State, wanted) && (wanted != PowerState.D3Hot || TakesD3Hot);
        return taken ? value : (value & ~(uint)PmRegisters.StateMask) | (uint)Pm.State;
    }

    /// <summary>Deeper, or up to D0: there is no way from D3hot to D2 (section 5.4, figure 5-1).</summary>
    private static bool CanGo(PowerState from, PowerState to) => to == PowerState.D0 || to >= from;

    private bool SoftResets =>
        !Behavior.KeepsRegistersOverD3Hot && (Pm is { NoSoftReset: false } || Behavior.ResetsDespiteNoSoftReset);

    private void FinishPowerTransition(PowerState before)
    {
        PowerState now = PowerState;
        if (now == before)
        {
            return;
        }

        _epoch.Advance();
        if (before == PowerState.D3Hot)
        {
            if (SoftResets)
            {
                ResetRegisters(ResetKind.Soft);
            }

            ComeBack(Behavior.SilenceAfterD3Hot);
        }

        if (before == PowerState.D3Hot || now == PowerState.D3Hot)
        {
            BeginTransition(Transition.D3Hot, D3HotDelay);
        }
        else if (before == PowerState.D2 || now == PowerState.D2)
        {
            BeginTransition(Transition.D2, D2Delay);
        }

        TellListener(before);
    }

    private void TellListener(PowerState before)
    {
        if (PowerState != before)
        {
            Listener?.OnPowerStateChanged(before);
        }
    }

    private BridgeHeader? FindBridge() => _space.IsBridge ? new BridgeHeader(_space) : null;
}
