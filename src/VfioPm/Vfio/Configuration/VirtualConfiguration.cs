namespace VfioPm;

/// <summary>
/// The configuration space that the user of an opened device sees: partly the hardware's, partly a virtual copy
/// (<c>drivers/vfio/pci/vfio_pci_config.c</c>). It lives from open to close.
/// </summary>
internal sealed partial class VirtualConfiguration : INumbered
{
    private readonly IUserPowerHooks _power;

    private VirtualConfiguration(
        IPhysicalConfiguration hardware,
        IConfigurationHooks hooks,
        IUserPowerHooks power,
        ConfigurationRules rules,
        FunctionFacts facts,
        out int result)
    {
        Hardware = hardware;
        Hooks = hooks;
        _power = power;
        Facts = facts;
        Map = new CapabilityMap(hardware.Size, rules);
        Copy = new ConfigurationBytes(hardware.Size);

        CapabilityChains chains = new(new CapabilityReader(hardware), rules, Map, Copy);
        chains.Fill(0, PciRegisters.HeaderSize);
        Bars = new VirtualBars(this);
        ShowFacts();
        result = chains.Map();
        Map.Share(hardware.Common);
        Copy.ShareExtended(hardware.Common);
        Notices = chains.Notices;
    }

    private VirtualConfiguration(VirtualConfiguration original, ForkContext fork)
    {
        fork.Register(original, this);
        Hardware = fork.Of(original.Hardware);
        Hooks = fork.Of(original.Hooks);
        _power = fork.Of(original._power);
        Facts = original.Facts;
        Map = original.Map;
        Notices = original.Notices;
        Copy = new ConfigurationBytes(original.Copy);
        Bars = new VirtualBars(original.Bars, this);
        IsLowPowerAsked = original.IsLowPowerAsked;
    }

    public int Index => Hooks.Index;

    /// <summary>What was odd about the function's capabilities.</summary>
    public IReadOnlyList<CapabilityNotice> Notices { get; }

    /// <summary>Whether the user set INTx disable (<c>virq_disabled</c>).</summary>
    public bool IsIntxDisabled => Hooks.IsIntxDisabled;

    /// <summary>Whether the user has asked for low power, under the RFC (<c>pm_runtime_suspended</c>).</summary>
    public bool IsLowPowerAsked { get; private set; }

    /// <summary>Whether the user's COMMAND has memory enabled (<c>__vfio_pci_memory_enabled()</c> but for D3).</summary>
    public bool IsMemoryEnabled =>
        Facts.HasNoCommandMemory || (CommandCopy & PciRegisters.CommandMemory) != 0;

    internal IPhysicalConfiguration Hardware { get; }

    internal IConfigurationHooks Hooks { get; }

    internal FunctionFacts Facts { get; }

    internal CapabilityMap Map { get; }

    /// <summary>The virtual copy (<c>vconfig</c>).</summary>
    internal ConfigurationBytes Copy { get; }

    internal VirtualBars Bars { get; }

    internal uint CommandCopy
    {
        get => Copy[PciRegisters.Command, 2];
        set => Copy[PciRegisters.Command, 2] = value;
    }

    /// <summary>Sets it up from the function's registers, on open (<c>vfio_config_init()</c>).</summary>
    /// <returns>
    /// Success, or the error that the open fails with when a malformed chain leads to addresses that cannot be read
    /// (<see cref="CapabilityReader.Result"/>).
    /// </returns>
    public static int Create(
        IPhysicalConfiguration hardware,
        IConfigurationHooks hooks,
        IUserPowerHooks power,
        ConfigurationRules rules,
        FunctionFacts facts,
        out VirtualConfiguration? configuration)
    {
        VirtualConfiguration made = new(hardware, hooks, power, rules, facts, out int result);
        configuration = result < 0 ? null : made;
        return result;
    }

    /// <summary>
    /// The device is being closed: forgets that low power was asked for. The caller takes the reference back
    /// where it was (<c>vfio_pci_core_disable()</c> of the RFC).
    /// </summary>
    /// <returns>Whether low power was asked for.</returns>
    public bool ForgetLowPower()
    {
        bool wasAsked = IsLowPowerAsked;
        IsLowPowerAsked = false;
        return wasAsked;
    }

    /// <inheritdoc/>
    public IForkable Fork(ForkContext fork) => new VirtualConfiguration(this, fork);

    /// <summary>Adds what may change while the device is open.</summary>
    public void AddTo(ref StateHash hash)
    {
        Copy.AddTo(ref hash);
        Bars.AddTo(ref hash);
        hash.Add(IsLowPowerAsked);
    }

    /// <summary>The power state that PMCSR shows the user when the hardware's register holds <paramref name="pmcsr"/>.</summary>
    internal PowerState ShowPowerState(uint pmcsr, int offset) =>
        (PowerState)((IsLowPowerAsked ? Copy[offset, 2] : pmcsr) & PmRegisters.StateMask);

    internal KernelCall AskForLowPower()
    {
        IsLowPowerAsked = true;
        return _power.PutForLowPower();
    }

    internal KernelCall AskForFullPower()
    {
        IsLowPowerAsked = false;
        return _power.GetForFullPower();
    }

    internal KernelCall FollowIntxDisable()
    {
        bool isDisabled = (CommandCopy & PciRegisters.CommandInterruptDisable) != 0;
        return isDisabled == IsIntxDisabled ? KernelCall.Returned : SetIntxDisabled(isDisabled);
    }

    private async KernelCall SetIntxDisabled(bool isDisabled)
    {
        await Hooks.SetIntxDisabled(isDisabled);
        if (isDisabled)
        {
            await Hooks.MaskIntx();
        }
        else
        {
            await Hooks.UnmaskIntx();
        }
    }

    internal async KernelCall ResetFunction()
    {
        using (await Hooks.LockMemory(takeAway: true))
        {
            await Hooks.TryResetFunction();
            Hooks.RestoreDmaBufs();
        }
    }

    // What the header shows other than the registers: VFs lack IDs, a pin and memory enable.
    private void ShowFacts()
    {
        if (Facts.IsVirtualFunction)
        {
            Copy[PciRegisters.VendorId, 2] = Facts.VendorId;
            Copy[PciRegisters.DeviceId, 2] = Facts.DeviceId;
        }

        if (Facts.HasNoCommandMemory)
        {
            CommandCopy |= PciRegisters.CommandMemory;
        }

        if (Facts.IsVirtualFunction || Facts.IsIntxBroken || Facts.IsIntxUnconnected)
        {
            Copy[PciRegisters.InterruptPin, 1] = 0;
        }
    }
}
