namespace VfioPm;

// Opening and closing (vfio_pci_core_enable(), vfio_pci_core_disable()).
public sealed partial class VfioPciDevice
{
    private async KernelCall<KernelResult> Enable()
    {
        KernelResult result = await Rules.Power.BeginUse(this);
        if (result.IsError)
        {
            return result;
        }

        // The state that the last close restores must not let the function master the bus.
        Pci.Enabling.ClearMaster();
        result = await PciPm.Enable(Pci);
        if (!result.IsError)
        {
            result = await TakeOver();
            if (result.IsError)
            {
                PciPm.Disable(Pci);
            }
        }

        if (result.IsError)
        {
            await Rules.Power.AbandonUse(this);
        }
        else
        {
            CountTokenUse(1);
        }

        return result;
    }

    private async KernelCall<KernelResult> TakeOver()
    {
        // Whatever else a reset returns, the use goes on without.
        KernelResult result = await PciReset.TryResetFunction(Pci);
        if (result.Errno == Errno.EAGAIN)
        {
            return result;
        }

        ResetWorks = result.Value == 0;
        Pci.SavedState.Save();
        _hasStateBeforeUse = Pci.SavedState.Store(_stateBeforeUse);
        Interrupts.Intx.IsMaskable = CanMaskIntx;
        if (IsIntxBroken)
        {
            Pci.Enabling.SetIntx(false);
        }
        else if (Interrupts.Intx.IsMaskable)
        {
            Pci.Enabling.SetIntx(true);
        }

        return SetUpConfiguration();
    }

    private async KernelCall Disable()
    {
        await Rules.Power.WakeForClose(this);
        Pci.Enabling.ClearMaster();
        await Interrupts.Disable();
        IoEventFds.Clear();
        Configuration = null;
        NeedsReset = true;

        // Best is the state from before the use, and a reset; without a reset that state alone.
        Reload(ref _hasStateBeforeUse, _stateBeforeUse);
        Pci.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);
        if (ResetWorks && Pci.TryLockForReset())
        {
            NeedsReset = (await PciReset.ResetLocked(Pci)).Value != 0;
            Pci.UnlockAfterReset();
        }

        await Pci.SavedState.Restore();
        PciPm.Disable(Pci);
        bool setWasReset = await Set.TryReset();
        await Rules.Power.EndUse(this, setWasReset);
    }

    private KernelResult SetUpConfiguration()
    {
        FunctionFacts facts = new()
        {
            VendorId = Pci.VendorId,
            DeviceId = Pci.DeviceId,
            IsVirtualFunction = Pci.IsVirtualFunction,
            HasNoCommandMemory = Pci.IsVirtualFunction,
            Bars = _bars,
            IsIntxBroken = IsIntxBroken,
        };
        KernelResult result = VirtualConfiguration.Create(
            new PhysicalConfiguration(Pci),
            new ConfigurationEffects(this),
            new RfcV1UserPower(Pci),
            Rules.Configuration,
            facts,
            out VirtualConfiguration? configuration);
        Configuration = configuration;
        _regions = new DeviceRegions(facts, Pci.Hardware.Configuration.Size, MsiXTable.Of(Pci.Hardware));
        return result;
    }

    /// <summary>
    /// Whether INTx can be masked at the function (<c>pci_intx_mask_supported()</c>): the bit of COMMAND must stick.
    /// </summary>
    private bool CanMaskIntx
    {
        get
        {
            if (Parameters.NoIntxMask || IsIntxBroken)
            {
                return false;
            }

            uint command = Pci.ReadConfig(PciRegisters.Command, 2);
            uint toggled = command ^ PciRegisters.CommandInterruptDisable;
            Pci.WriteConfig(PciRegisters.Command, 2, toggled);
            bool sticks = Pci.ReadConfig(PciRegisters.Command, 2) == toggled;
            Pci.WriteConfig(PciRegisters.Command, 2, command);
            return sticks;
        }
    }
}
