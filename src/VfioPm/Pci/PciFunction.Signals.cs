namespace VfioPm;

/// <content>What the function signals by itself: its interrupt pin, messages and PME#.</content>
public sealed partial class PciFunction
{
    // What the machine's interrupt controller knows of the pin.
    private bool _pinLevel;

    // A root port's: who sent a PME that is not in Root Status yet.
    private readonly List<ushort>? _rootPmes;

    /// <summary>Whether an interrupt is pending, whether or not the pin may show it (Status, bit 3).</summary>
    public bool InterruptStatus => _space.Has(PciRegisters.Status, 2, PciRegisters.StatusInterrupt);

    /// <summary>Whether the interrupt pin is asserted: pending, not disabled in Command, and there is a pin.</summary>
    public bool IsInterruptPinAsserted =>
        InterruptStatus
        && _space.Read(PciRegisters.InterruptPin, 1) != 0
        && !_space.Has(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);

    /// <summary>Whether the machine sees the pin asserted: the same, unless its signals are held or lost (<see cref="HoldSignals"/>).</summary>
    public bool IsInterruptLineAsserted => _pinLevel;

    /// <summary>Whether PME# is asserted: there was a reason (PME_Status) and it is enabled (PME_En).</summary>
    public bool IsPmeAsserted => Pm is { PmeStatus: true, PmeEnabled: true };

    /// <summary>The device wants an interrupt; a function without power cannot.</summary>
    public void AssertInterrupt() => SetInterrupt(pending: true);

    /// <summary>The device no longer wants an interrupt.</summary>
    public void DeassertInterrupt() => SetInterrupt(pending: false);

    /// <summary>
    /// The device has a reason to wake the machine: PME_Status is latched if PME# is supported from the present
    /// state (PCI Power Management 1.2, section 3.2.4).
    /// </summary>
    /// <returns>Whether PME# is asserted now.</returns>
    public bool AssertPme()
    {
        lock (_clock.Gate)
        {
            if (Pm is null || !Pm.SupportsPmeFrom(PowerState))
            {
                return false;
            }

            _space.SetBits(Pm.ControlStatusOffset, PmRegisters.PmeStatus, set: true);
            bool isAsserted = IsPmeAsserted;
            if (isAsserted)
            {
                SignalPme();
            }

            return isAsserted;
        }
    }

    /// <summary>
    /// With power on the way up the root port gets a message that says who it was (PM_PME), and tells its software; else a wire goes
    /// to the firmware (WAKE#; PCI Express Base, section 5.3.3).
    /// </summary>
    private void SignalPme()
    {
        if (Behavior.SendsNoPme)
        {
            return;
        }

        PciFunction root = FindRoot();
        bool reachesRoot = HasPower && IsReachable && root.IsAnswering;
        if (!reachesRoot)
        {
            Send(SignalKind.Wake);
        }
        else if (root._rootPmes is not null)
        {
            Send(SignalKind.Pme);
        }
    }

    private void TakePme(ushort requester)
    {
        _rootPmes?.Add(requester);
        ShowPme();
    }

    /// <summary>The first of those that arrived is in Root Status, until software clears it.</summary>
    private void ShowPme()
    {
        if (_rootPmes is not { Count: > 0 } pmes || Capabilities.Find(CapabilityId.Express) is not { Offset: int express })
        {
            return;
        }

        int status = express + ExpressRegisters.RootStatus;
        if (!_space.Has(status, 4, ExpressRegisters.RootStatusPme))
        {
            _space.SetBits(status, ushort.MaxValue, set: false);
            _space.SetBits(status, pmes[0], set: true);
            _space.SetBits(status + 2, (ushort)(ExpressRegisters.RootStatusPme >> 16), set: true);
            pmes.RemoveAt(0);
        }

        _space.SetBits(status + 2, (ushort)(ExpressRegisters.RootStatusPmePending >> 16), pmes.Count > 0);
        if (_space.Has(express + ExpressRegisters.RootControl, 2, ExpressRegisters.RootControlPmeInterrupt))
        {
            Send(SignalKind.RootPme);
        }
    }

    /// <summary>
    /// The device signals a vector by MSI or MSI-X: it writes the message that software put in its registers (PCI
    /// Local Bus 3.0, section 6.8).
    /// </summary>
    /// <returns>
    /// Whether a message went out: not outside of D0, without bus mastering, with neither MSI nor MSI-X enabled, or
    /// from a vector that is masked or not there.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="vector"/> is negative.</exception>
    public bool SendMessage(int vector)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(vector);
        lock (_clock.Gate)
        {
            bool mayMaster = PowerState == PowerState.D0 && IsAnswering && IsReachable
                && _space.Has(PciRegisters.Command, 2, PciRegisters.CommandMaster);
            if (!mayMaster || InterruptMessage.Find(this, _registers, vector) is not { } message)
            {
                return false;
            }

            Send(new Signal(SignalKind.Message, message.Address, message.Data));
            return true;
        }
    }

    /// <summary>Where interrupts arrive, if anybody listens.</summary>
    internal IInterruptReceiver? InterruptReceiver { get; set; }

    private void SetInterrupt(bool pending)
    {
        lock (_clock.Gate)
        {
            if (HasPower)
            {
                _space.SetBits(PciRegisters.Status, PciRegisters.StatusInterrupt, pending);
                FollowPin();
            }
        }
    }

    /// <summary>A device with a mind of its own may want an interrupt after an access, or no longer want it.</summary>
    private void FollowDevice()
    {
        if (_registers.WantsInterrupt is { } wants)
        {
            SetInterrupt(wants);
        }
    }

    /// <summary>Tells when the pin changed its level.</summary>
    private void FollowPin()
    {
        if (IsInterruptPinAsserted != _pinLevel)
        {
            Send(SignalKind.Pin);
        }
    }
}
