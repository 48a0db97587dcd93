namespace VfioPm;

// A card is taken into use, or given up (pciehp_ctrl.c, pciehp_pci.c).
internal sealed partial class HotplugController
{
    // How long a card has to answer, in looks and milliseconds between them (pci_bus_check_dev()).
    private const int MostLooks = 50;
    private const int BetweenLooks = 20;

    private static readonly TimeSpan ButtonDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterPowerOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterLinkUp = TimeSpan.FromMilliseconds(100);

    /// <summary><c>pciehp_handle_button_press()</c>.</summary>
    private async KernelCall HandleButton()
    {
        switch (_state)
        {
            case SlotState.Off or SlotState.On:
                bool wasOn = _state == SlotState.On;
                _state = wasOn ? SlotState.BlinkingOff : SlotState.BlinkingOn;
                Say(_port.Bus.Rules.SaysWhatTheButtonWillDo
                    ? $"Button press: will power {(wasOn ? "off" : "on")} in 5 sec"
                    : $"Powering {(wasOn ? "off" : "on")} due to button press");
                await _slot.ShowPressed();
                Kernel.Clock.Schedule(Kernel.TickAfter(ButtonDelay), this, Button);
                break;
            case SlotState.BlinkingOff or SlotState.BlinkingOn:
                await TakeBackButton(staysOn: _state == SlotState.BlinkingOff);
                break;
        }
    }

    private async KernelCall TakeBackButton(bool staysOn)
    {
        if (!_port.Bus.Rules.SaysWhatTheButtonWillDo)
        {
            Say("Button cancel");
        }

        CancelButton();
        _state = staysOn ? SlotState.On : SlotState.Off;
        await (staysOn ? _slot.ShowOn() : _slot.ShowOff());
        Say(_port.Bus.Rules.SaysWhatTheButtonWillDo
            ? $"Button press: canceling request to power {(staysOn ? "off" : "on")}"
            : "Action canceled due to button press");
    }

    /// <summary><c>pciehp_handle_disable_request()</c>.</summary>
    private async KernelCall HandleDisableRequest()
    {
        CancelButton();
        _state = SlotState.PowerOff;
        _requestResult = await TakeOutOfUse(isSafe: true);
    }

    /// <summary>
    /// <c>pciehp_handle_presence_or_link_change()</c>: a card in use is given up, even if one is there again, since nobody knows whether
    /// it is the same.
    /// </summary>
    private async KernelCall HandleCard(uint events)
    {
        if (IsInUse)
        {
            CancelButton();
            _state = SlotState.PowerOff;
            SayIf((events & ExpressRegisters.SlotStatusLinkChanged) != 0, "Link Down");
            SayIf((events & ExpressRegisters.SlotStatusPresenceChanged) != 0, "Card not present");
            await TakeOutOfUse(isSafe: false);
        }

        bool isPresent = _slot.IsCardPresent == true;
        bool isLinkActive = _slot.IsLinkActive == true;
        if (!isPresent && !isLinkActive)
        {
            if (_state == SlotState.BlinkingOn)
            {
                _state = SlotState.Off;
                CancelButton();
                await _slot.ShowOff();
                Say("Card not present");
            }
        }
        else if (IsFree)
        {
            CancelButton();
            _state = SlotState.PowerOn;
            SayIf(isPresent, "Card present");
            SayIf(isLinkActive, "Link Up");
            _requestResult = await TakeIntoUse();
        }
    }

    /// <summary><c>pciehp_enable_slot()</c>.</summary>
    private async KernelCall<int> TakeIntoUse()
    {
        await PmRuntime.GetSync(_port.RuntimePm);
        int result = await AddCard();
        if (result != 0 && _slot.HasButton)
        {
            await _slot.ShowOff();
        }

        await PmRuntime.Put(_port.RuntimePm);
        _state = result != 0 ? SlotState.Off : SlotState.On;
        return result;
    }

    /// <summary><c>pciehp_disable_slot()</c>.</summary>
    private async KernelCall<int> TakeOutOfUse(bool isSafe)
    {
        await PmRuntime.GetSync(_port.RuntimePm);
        int result = 0;
        if (_slot.HasPowerController && !_slot.IsPowerOn)
        {
            Say("Already disabled");
            result = -Errno.EINVAL;
        }
        else
        {
            await RemoveCard(isSafe);
        }

        await PmRuntime.Put(_port.RuntimePm);
        _state = SlotState.Off;
        return result;
    }

    /// <summary><c>board_added()</c>, for a slot whose power may have to be switched on.</summary>
    private async KernelCall<int> AddCard()
    {
        if (_slot.HasPowerController)
        {
            await _slot.SwitchPowerOn();
        }

        await _slot.ShowBusy();
        int result = await CheckLink();
        if (result == 0)
        {
            result = await Configure();
        }

        if (result == 0)
        {
            await _slot.ShowOn();
            return 0;
        }

        // set_slot_off()
        if (_slot.HasPowerController)
        {
            await _slot.SwitchPowerOff();
            await _port.Msleep(AfterPowerOff);
        }

        await _slot.ShowFault();
        return result;
    }

    /// <summary><c>pciehp_check_link_status()</c>.</summary>
    private async KernelCall<int> CheckLink()
    {
        if (await PciPm.WaitForLink(_port, AfterLinkUp) < 0)
        {
            Say("No link");
            return -1;
        }

        for (int looks = 0; looks < MostLooks; looks++)
        {
            if (_port.Hardware.HasCard && _port.Hardware.Downstream[0].Answers)
            {
                // What happened up to here is what was waited for.
                ForgetCardEvents();
                return 0;
            }

            await _port.Msleep(TimeSpan.FromMilliseconds(BetweenLooks));
        }

        Say("No device found");
        return -1;
    }

    /// <summary><c>pciehp_configure_device()</c>.</summary>
    private async KernelCall<int> Configure()
    {
        using (await _port.Bus.RescanRemove.Lock())
        {
            if (_port.Downstream.Count > 0)
            {
                return 0;
            }

            await _port.Bus.FindBelow(_port);
            if (_port.Downstream.Count > 0)
            {
                // pci_hp_add_bridge()
                await BusScan.Scan(_port.Downstream[0]);
                await BusScan.AddFound(_port.Bus);
                return 0;
            }
        }

        HotplugLog.NoNewDevice(_port.Logger, _port.Name);
        return -Errno.ENODEV;
    }

    /// <summary>
    /// <c>remove_board()</c>: drivers give up what they have, however long that takes, and then the power goes.
    /// </summary>
    private async KernelCall RemoveCard(bool isSafe)
    {
        await Unconfigure(isSafe);
        if (_slot.HasPowerController)
        {
            await _slot.SwitchPowerOff();
            await _port.Msleep(AfterPowerOff);
            ForgetCardEvents();
        }

        await _slot.ShowOff();
    }

    /// <summary><c>pciehp_unconfigure_device()</c>.</summary>
    private async KernelCall Unconfigure(bool isSafe)
    {
        if (!isSafe)
        {
            Disconnect();
        }

        using (await _port.Bus.RescanRemove.Lock())
        {
            while (_port.Downstream.Count > 0)
            {
                PciDevice function = _port.Downstream[^1];
                await _port.Bus.Remove(function);
                if (isSafe)
                {
                    // Nobody drives it any more, and nothing may come from it.
                    function.Command.Update(
                        PciRegisters.CommandMaster | PciRegisters.CommandSerr, PciRegisters.CommandInterruptDisable);
                }
            }
        }
    }

    /// <summary><c>pci_dev_set_disconnected()</c>, for all below.</summary>
    private void Disconnect() => _port.ForEachBelow<PciPmDevice>(static below => below.IsDisconnected = true);

    private void ForgetCardEvents()
    {
        _slot.TakeEvents();
        _pending &= ~SlotCommands.CardEvents;
    }

    private void CancelButton() => Kernel.Clock.Cancel(this, Button);

    private void SayIf(bool isSo, string what)
    {
        if (isSo)
        {
            Say(what);
        }
    }
}
