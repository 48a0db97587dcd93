namespace VfioPm;

/// <content>What hardware does besides keeping the bits that software writes.</content>
public sealed partial class PciFunction
{
    // By the dword, up to the last that has any.
    private readonly WriteEffects[] _effects;

    private WriteEffects EffectsAt(int dword) => dword < _effects.Length ? _effects[dword] : WriteEffects.None;

    private void WriteAndFollow(int offset, int width, uint value, WriteEffects effects)
    {
        PowerState stateBefore = Has(WriteEffects.PowerState) ? PowerState : default;
        bool busResetBefore = Has(WriteEffects.SecondaryBus) && Bridge is { BusReset: true };
        SlotView slotBefore = Has(WriteEffects.Slot) ? LookAtSlot() : default;
        bool changed = _space.Write(offset, width, Has(WriteEffects.PowerState) ? FilterPowerState(offset, value) : value);
        if (changed && Has(WriteEffects.Way))
        {
            _epoch.Advance();
        }

        if (Has(WriteEffects.PowerState))
        {
            FinishPowerTransition(stateBefore);
        }

        if (Has(WriteEffects.SecondaryBus))
        {
            FinishBusReset(busResetBefore);
        }

        if (Has(WriteEffects.Slot))
        {
            FollowSlotControl(offset < _slot + ExpressRegisters.SlotStatus, slotBefore);
        }

        if (Has(WriteEffects.BarSizes))
        {
            FollowBarSizes();
        }

        if (Has(WriteEffects.RootPme))
        {
            ShowPme();
        }

        if (Has(WriteEffects.VitalProductData))
        {
            _vpd!.Follow(_space, offset, width);
        }

        if (Has(WriteEffects.FunctionLevelReset))
        {
            StartFunctionLevelReset(offset, width, value);
        }

        if (Has(WriteEffects.Pin))
        {
            FollowPin();
        }

        if (Has(WriteEffects.VirtualFunctions))
        {
            FollowVfEnable();
        }

        bool Has(WriteEffects some) => (effects & some) != 0;
    }

    private WriteEffects[] FindEffects()
    {
        // One for each dword; mostly one of another function is kept.
        Span<WriteEffects> effects = stackalloc WriteEffects[PciRegisters.ExtendedSize / 4];
        effects = effects[..(_space.Size / 4)];
        Follow(effects, PciRegisters.Command, WriteEffects.Pin);
        Follow(effects, PciRegisters.InterruptPin, WriteEffects.Pin);
        Follow(effects, IsBridge ? PciRegisters.BridgeControl : null, WriteEffects.SecondaryBus);
        Follow(effects, IsBridge ? PciRegisters.PrimaryBus : null, WriteEffects.SecondaryBus);
        Follow(effects, _slot + ExpressRegisters.SlotControl, WriteEffects.Slot);
        Follow(effects, Pm?.ControlStatusOffset, WriteEffects.PowerState);
        Follow(effects, _vpd?.FlagOffset, WriteEffects.VitalProductData);
        Follow(effects, Sriov?.Offset + SriovRegisters.Control, WriteEffects.VirtualFunctions);
        Follow(effects, Sriov?.Offset + SriovRegisters.NumVfs, WriteEffects.VirtualFunctions);
        foreach (FlrTrigger trigger in _flrTriggers)
        {
            Follow(effects, trigger.Offset, WriteEffects.FunctionLevelReset);
        }

        int? express = _rootPmes is null ? null : Capabilities.Find(CapabilityId.Express)?.Offset;
        Follow(effects, express + ExpressRegisters.RootStatus, WriteEffects.RootPme);
        foreach (int register in _resizable?.Watched(Bars) ?? [])
        {
            Follow(effects, register, WriteEffects.BarSizes);
        }

        return _space.Layout.Common.For<WriteEffects>(effects[..(effects.LastIndexOfAnyExcept(WriteEffects.None) + 1)]);

        void Follow(Span<WriteEffects> effects, int? register, WriteEffects added)
        {
            // A broken chain can put a capability right before the end.
            if (register < _space.Size)
            {
                effects[ConfigurationLayout.DwordOf(register.Value)] |= added;
            }
        }
    }

    /// <summary>
    /// Resizable BARs have the sizes that software chose, and no address bits below (PCI Express Base, section 7.8.6.3).
    /// </summary>
    private void FollowBarSizes()
    {
        if (_resizable is null)
        {
            return;
        }

        Bars = _resizable.Follow(_space, Bars);
        foreach (Bar bar in Bars)
        {
            if (_resizable.Has(bar))
            {
                bar.AlignAddress(_space);
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
