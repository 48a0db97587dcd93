namespace VfioPm;

/// <content>The slot below a port: what sits in it, and what the port tells of it (PCI Express Base, section 6.7).</content>
public sealed partial class PciFunction
{
    // Slot Status has these events at the bits at which Slot Control enables them; a change of the link elsewhere.
    private const uint SlotEvents = ExpressRegisters.SlotStatusButton | ExpressRegisters.SlotStatusPresenceChanged
        | ExpressRegisters.SlotStatusCommandCompleted;

    // The capability of a port with a slot.
    private readonly int? _slot;
    private bool _isCardOut;

    /// <summary>Whether a card is below this port: there are functions, and nobody pulled them out.</summary>
    public bool HasCard => _downstream.Count > 0 && !_isCardOut;

    /// <summary>Whether this is a port with a slot in which cards come and go while the machine runs.</summary>
    private bool HasHotplugSlot => _slot is { } slot
        && _space.Has(slot + ExpressRegisters.SlotCapabilities, 4, ExpressRegisters.SlotCapabilitiesHotplug);

    private int? FindSlot() =>
        IsBridge && Capabilities.Find(CapabilityId.Express) is { Offset: int express }
        && _space.Has(express + ExpressRegisters.Flags, 2, ExpressRegisters.FlagsSlot)
        && _space.Reaches(express + ExpressRegisters.SlotCapabilities, ExpressRegisters.SlotSize)
            ? express
            : null;

    /// <summary>
    /// Somebody pulls the card out from below this port (surprise removal): its functions are without power and out of reach, and a
    /// port with a slot tells that nobody is there and that the link is down.
    /// </summary>
    /// <exception cref="InvalidOperationException">This is no bridge.</exception>
    public void PullCard() => MoveCard(isOut: true);

    /// <summary>The card that was pulled out is put back, and powers up.</summary>
    /// <exception cref="InvalidOperationException">This is no bridge.</exception>
    public void PutCardBack() => MoveCard(isOut: false);

    /// <summary>Whether this port has a slot with an attention button.</summary>
    public bool HasAttentionButton => _slot is { } slot
        && _space.Has(slot + ExpressRegisters.SlotCapabilities, 4, ExpressRegisters.SlotCapabilitiesButton);

    /// <summary>Somebody presses the slot's attention button.</summary>
    /// <exception cref="InvalidOperationException">This is no port with such a button.</exception>
    public void PressAttentionButton()
    {
        lock (_clock.Gate)
        {
            if (!HasAttentionButton)
            {
                throw new InvalidOperationException($"{Address} has no slot with an attention button.");
            }

            Signal(_slot!.Value, ExpressRegisters.SlotStatusButton);
        }
    }

    /// <summary>Whether the slot above lets power through: a card is in it, and nobody switched the slot off.</summary>
    internal bool IsFedBySlot
    {
        get
        {
            for (PciFunction? bridge = Upstream; bridge is not null; bridge = bridge.Upstream)
            {
                if (!bridge.FeedsSlot)
                {
                    return false;
                }
            }

            return true;
        }
    }

    private bool FeedsSlot => !_isCardOut && !IsSlotOff;

    /// <summary>Whether software switched the slot's power off (Power Controller Control).</summary>
    public bool IsSlotOff => _slot is { } slot
        && _space.Has(slot + ExpressRegisters.SlotCapabilities, 4, ExpressRegisters.SlotCapabilitiesPowerController)
        && _space.Has(slot + ExpressRegisters.SlotControl, 2, ExpressRegisters.SlotControlPowerOff);

    private void MoveCard(bool isOut)
    {
        lock (_clock.Gate)
        {
            if (!IsBridge)
            {
                throw new InvalidOperationException($"{Address} is no bridge: no card can be below it.");
            }

            if (_isCardOut != isOut)
            {
                _isCardOut = isOut;
                TellCard();
            }
        }
    }

    /// <summary>A card has one function more.</summary>
    private void SeatFunction(PciFunction function)
    {
        bool wasEmpty = !HasCard;
        _downstream.Add(function);
        if (wasEmpty)
        {
            ShowSlot();
        }
    }

    /// <summary>The card that was pulled out is another one from now on.</summary>
    internal void ForgetCard()
    {
        while (_downstream.Count > 0)
        {
            _downstream.RemoveAt(_downstream.Count - 1);
        }

        _isCardOut = false;
        _epoch.Advance();
        ShowSlot();
    }

    /// <summary>A card came or went while the machine runs; without power the slot has no link that could go up or down.</summary>
    internal void TellCard() => FollowSlot(
        ExpressRegisters.SlotStatusPresenceChanged | (IsSlotOff ? 0 : ExpressRegisters.SlotStatusLinkChanged));

    private void FollowSlot(uint events)
    {
        _epoch.Advance();
        FollowPowerBelow();
        ShowSlot();
        if (HasHotplugSlot && HasPower)
        {
            Signal(_slot!.Value, events);
        }
    }

    /// <summary>
    /// After software wrote to the slot's registers: it may have switched the power, or want to be told what there was. A write of Slot
    /// Control is a command, and carried out at once (section 6.7.3.2).
    /// </summary>
    private void FollowSlotControl(bool isCommand, SlotView before)
    {
        if (isCommand && !_space.Has(_slot!.Value + ExpressRegisters.SlotCapabilities, 4, ExpressRegisters.SlotCapabilitiesNoCommandCompleted))
        {
            _space.SetBits(_slot.Value + ExpressRegisters.SlotStatus, (ushort)ExpressRegisters.SlotStatusCommandCompleted, set: true);
        }

        if (!HasHotplugSlot)
        {
            return;
        }

        SlotView after = LookAtSlot();
        if (Behavior.LetsCardGoWhenOff && after.IsFree && !before.IsFree && HasCard)
        {
            _isCardOut = true;
            FollowSlot(ExpressRegisters.SlotStatusPresenceChanged);
        }
        else if (after.IsOff != before.IsOff)
        {
            FollowSlot(HasCard ? ExpressRegisters.SlotStatusLinkChanged : 0);
        }
        else if (!before.Interrupts && after.Interrupts)
        {
            Send(SignalKind.SlotEvent);
        }
    }

    /// <summary>What is found of the slot as its registers are.</summary>
    private SlotView LookAtSlot() => new(IsSlotOff, IsSlotOff && IsPowerIndicatorOff, WantsSlotInterrupt);

    private bool IsPowerIndicatorOff => _slot is { } slot
        && (_space.Read(slot + ExpressRegisters.SlotControl, 2) & ExpressRegisters.SlotControlPowerIndicator)
            == ExpressRegisters.SlotControlPowerIndicator;

    /// <summary>Whether an event is enabled that interrupts (section 6.7.3.4).</summary>
    private bool WantsSlotInterrupt => HasHotplugSlot && _slot is { } slot
        && _space.Has(slot + ExpressRegisters.SlotControl, 2, ExpressRegisters.SlotControlHotplugInterrupt)
        && (_space.Read(slot + ExpressRegisters.SlotStatus, 2) & EnabledEvents(slot)) != 0;

    /// <summary>The events of Slot Status that Slot Control enables.</summary>
    private uint EnabledEvents(int slot)
    {
        uint control = _space.Read(slot + ExpressRegisters.SlotControl, 2);
        return (control & SlotEvents)
            | ((control & ExpressRegisters.SlotControlLinkChanged) != 0 ? ExpressRegisters.SlotStatusLinkChanged : 0);
    }

    /// <summary>Whether the port tells of its link at all: one that does not has no bit to enable it (section 7.5.3.10).</summary>
    private bool TellsOfLink(int slot) =>
        (_space.Layout.WritableAt(slot + ExpressRegisters.SlotControl + 1) & (ExpressRegisters.SlotControlLinkChanged >> 8)) != 0;

    private void FollowPowerBelow()
    {
        foreach (PciFunction below in _downstream)
        {
            below.FollowPower();
            below.FollowPowerBelow();
        }
    }

    /// <summary>Whether somebody is there and the link is up, as the port tells.</summary>
    internal void ShowSlot()
    {
        if (HasHotplugSlot && _slot is { } slot)
        {
            _space.SetBits(slot + ExpressRegisters.SlotStatus, (ushort)ExpressRegisters.SlotStatusPresence, HasCard);
            if (_space.Has(slot + ExpressRegisters.LinkCapabilities, 4, ExpressRegisters.LinkCapabilitiesReportsActive))
            {
                _space.SetBits(
                    slot + ExpressRegisters.LinkStatus, ExpressRegisters.LinkStatusActive, HasCard && !IsSlotOff && IsLinkUp);
            }
        }
    }

    /// <summary>
    /// An enabled event interrupts, or outside of D0 is a PME (section 6.7.3.4); without power nobody sees it.
    /// </summary>
    private void Signal(int slot, uint events)
    {
        events = TellsOfLink(slot) ? events : events & ~ExpressRegisters.SlotStatusLinkChanged;
        _space.SetBits(slot + ExpressRegisters.SlotStatus, (ushort)events, set: true);
        if (PowerState == PowerState.D0)
        {
            if (WantsSlotInterrupt)
            {
                Send(SignalKind.SlotEvent);
            }
        }
        else if ((events & EnabledEvents(slot)) != 0)
        {
            AssertPme();
        }
    }

    /// <summary>A slot at one moment.</summary>
    /// <param name="IsOff">Whether software switched its power off.</param>
    /// <param name="IsFree">Whether also its indicator says that the card may be taken out.</param>
    /// <param name="Interrupts">Whether an enabled event is pending.</param>
    private readonly record struct SlotView(bool IsOff, bool IsFree, bool Interrupts);
}
