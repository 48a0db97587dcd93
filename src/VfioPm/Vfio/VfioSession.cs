namespace VfioPm;

/// <summary>
/// What there is of a device from its first open to its last close: the virtual configuration space, the regions, the
/// interrupts, and what the function held before (<c>vfio_pci_core_enable()</c>, <c>vfio_pci_core_disable()</c>).
/// </summary>
internal sealed class VfioSession : INumbered
{
    private readonly StoredState _stateBeforeUse;

    private VfioSession(VfioPciDevice device, FunctionFacts facts)
    {
        Device = device;
        _stateBeforeUse = Pci.SavedState.NewStored();
        Interrupts = new DeviceInterrupts(this);
        IoEventFds = new IoEventFds(this);
        Regions = new DeviceRegions(facts, Pci.Hardware.Configuration.Size, MsiXTable.Of(Pci.Hardware));
    }

    private VfioSession(VfioSession original, ForkContext fork)
    {
        fork.Register(original, this);
        Device = fork.Of(original.Device);
        _stateBeforeUse = new StoredState(original._stateBeforeUse, fork);
        ResetWorks = original.ResetWorks;
        Regions = original.Regions;
        Interrupts = new DeviceInterrupts(original.Interrupts, this, fork);
        IoEventFds = new IoEventFds(original.IoEventFds, this, fork);
        Configuration = fork.OfNullable(original.Configuration)!;
    }

    public VfioPciDevice Device { get; }

    public PciDevice Pci => Device.Pci;

    public int Index => Device.Index;

    /// <summary>What the user sees as configuration space.</summary>
    public VirtualConfiguration Configuration { get; private set; } = null!;

    /// <summary>What can be read, written and mapped.</summary>
    public DeviceRegions Regions { get; }

    /// <summary>What <c>VFIO_DEVICE_SET_IRQS</c> set up.</summary>
    public DeviceInterrupts Interrupts { get; }

    /// <summary>The writes that signals do.</summary>
    public IoEventFds IoEventFds { get; }

    /// <summary>Whether the function could be reset when it was opened (<c>reset_works</c>).</summary>
    public bool ResetWorks { get; private set; }

    /// <summary>
    /// Whether memory may be accessed (<c>__vfio_pci_memory_enabled()</c>): the user enabled it, and the kernel does not fence
    /// it off.
    /// </summary>
    public bool IsMemoryEnabled => Configuration.IsMemoryEnabled && !Device.Power.IsMemoryFenced;

    /// <summary>
    /// Whether an access through a mapping reaches the device; elsewise it ends in SIGBUS
    /// (<c>vfio_pci_mmap_fault()</c>).
    /// </summary>
    public bool IsMappingUsable => IsMemoryEnabled && !Device.Power.IsLowPowerPermitted;

    /// <summary>A user opens the device, the first one (<c>vfio_pci_core_enable()</c>).</summary>
    /// <returns>0, and then it is the device's session; or what waking or resetting the function gave.</returns>
    public static async KernelCall<int> Begin(VfioPciDevice device)
    {
        int result = await device.Power.BeginUse();
        if (result < 0)
        {
            return result;
        }

        // The state that the last close restores must not let the function master the bus.
        await PciPm.ClearMaster(device.Pci);
        result = await PciPm.Enable(device.Pci);
        if (result >= 0)
        {
            FunctionFacts facts = device.CollectFacts();
            result = await new VfioSession(device, facts).TakeOver(facts);
            if (result < 0)
            {
                await PciPm.Disable(device.Pci);
            }
        }

        if (result < 0)
        {
            await device.Power.AbandonUse();
        }

        return result;
    }

    /// <summary>The user is gone, the last one (<c>vfio_pci_core_disable()</c>).</summary>
    public async KernelCall End()
    {
        await Device.Power.WakeForClose();
        await PciPm.ClearMaster(Pci);
        await Interrupts.Disable();
        IoEventFds.Clear();
        Device.NeedsReset = true;
        await Device.Flags.Set(VfioFlag.IntxDisabled, false);

        // Best is the state from before the use, and a reset; without a reset that state alone.
        Pci.SavedState.LoadOrForget(_stateBeforeUse);
        Pci.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);
        if (ResetWorks)
        {
            await TryResetLoaded();
        }

        await PciPm.RestoreState(Pci);
        await Pci.Unlocked();
        await PciPm.Disable(Pci);
        bool setWasReset = await Device.Set.TryReset();
        await Device.Power.EndUse(setWasReset);
    }

    /// <summary><c>vfio_pci_ioctl_reset()</c>.</summary>
    public async KernelCall<int> Reset()
    {
        if (!ResetWorks)
        {
            return -Errno.EINVAL;
        }

        using (await Device.LockMemory(takeAway: true))
        {
            await Device.Power.BeforeReset();
            int result = await PciReset.TryResetFunction(Pci);
            await Device.Power.AfterReset();
            Device.RestoreDmaBufs();
            return result;
        }
    }

    /// <summary><c>vfio_pci_rw()</c>.</summary>
    public KernelCall<int> Read(int region, long offset, UserMemory memory) => region switch
    {
        VfioRegion.Configuration => Configuration.Read(offset, memory),
        VfioRegion.Vga => -Errno.EINVAL,
        _ => AccessBar(region, offset, memory, isWrite: false),
    };

    /// <inheritdoc cref="Read"/>
    public KernelCall<int> Write(int region, long offset, UserMemory memory) => region switch
    {
        VfioRegion.Configuration => Configuration.Write(offset, memory),
        VfioRegion.Vga => -Errno.EINVAL,
        _ => AccessBar(region, offset, memory, isWrite: true),
    };

    /// <summary>Whether a mapped page may come back (<c>vfio_pci_mmap_fault()</c>).</summary>
    public async KernelCall<bool> MayMap()
    {
        using (await Device.Memory.DownRead())
        {
            return IsMappingUsable;
        }
    }

    /// <summary>Looks for an expansion ROM with memory decode on, asleep or not.</summary>
    public async KernelCall<bool> HoldsRom()
    {
        using (await Device.LockAndEnableMemory())
        {
            return ExpansionRom.IsThere(Pci.Hardware, Pci.Rules);
        }
    }

    public IForkable Fork(ForkContext fork) => new VfioSession(this, fork);

    public void AddTo(ref StateHash hash)
    {
        _stateBeforeUse.AddTo(ref hash);
        hash.Add(ResetWorks);
        Interrupts.AddTo(ref hash);
        IoEventFds.AddTo(ref hash);
        Configuration.AddTo(ref hash);
    }

    /// <summary>
    /// Whoever closes must not wait for the locks of a reset; the bridge's is among them as for <see cref="PciReset.ResetFunction"/>. Nothing
    /// is saved, since what is to come back is loaded already.
    /// </summary>
    private async KernelCall TryResetLoaded()
    {
        PciDevice? bridge = Pci.Bus.Rules.ResetHoldsBridge ? Pci.Upstream : null;
        using ResetScope above = bridge?.TryLockForReset() ?? default;
        if (bridge is not null && !above.IsTaken)
        {
            return;
        }

        using ResetScope held = Pci.TryLockForReset();
        if (held.IsTaken)
        {
            Device.NeedsReset = await PciReset.ResetLocked(Pci) != 0;
        }
    }

    private async KernelCall<int> TakeOver(FunctionFacts facts)
    {
        // Whatever else a reset returns, the use goes on without.
        int result = await PciReset.TryResetFunction(Pci);
        if (result == -Errno.EAGAIN)
        {
            return result;
        }

        ResetWorks = result == 0;
        await PciPm.SaveState(Pci);
        Pci.SavedState.Store(_stateBeforeUse);
        Interrupts.SetUp();
        result = VirtualConfiguration.Create(
            new PhysicalConfiguration(Pci),
            new ConfigurationEffects(this),
            Device.Power,
            Device.Rules.Configuration,
            facts,
            out VirtualConfiguration? configuration);
        if (configuration is not null)
        {
            Configuration = configuration;
            Device.Session = this;
        }

        return result;
    }

    /// <summary>
    /// <c>vfio_pci_bar_rw()</c>. Who accesses ports does not look at memory, nor wait for it.
    /// </summary>
    private async KernelCall<int> AccessBar(int region, long offset, UserMemory memory, bool isWrite)
    {
        using LockScope held = Regions.IsIo(region) ? default : await Device.Memory.DownRead();
        var access = new RegionAccess(Pci.Hardware, Regions, Device.Rules.WidestBarCycle, Pci.Rules);
        return isWrite
            ? access.Write(region, offset, memory.Bytes, IsMemoryEnabled)
            : access.Read(region, offset, memory.Span, IsMemoryEnabled);
    }
}
