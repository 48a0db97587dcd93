namespace VfioPm;

/// <summary>
/// The configuration space that the user of an opened device sees: partly the hardware's, partly a virtual copy
/// (<c>drivers/vfio/pci/vfio_pci_config.c</c>). It lives from open to close.
/// </summary>
internal sealed class VirtualConfiguration : IForkable
{
    // A region's offset in the device's file starts above these bits (VFIO_PCI_OFFSET_SHIFT).
    private const long OffsetMask = (1L << 40) - 1;

    private readonly IUserPowerHooks _power;
    private readonly KernelResult _setUp;

    private VirtualConfiguration(
        IPhysicalConfiguration hardware,
        IConfigurationHooks hooks,
        IUserPowerHooks power,
        ConfigurationRules rules,
        FunctionFacts facts)
    {
        Hardware = hardware;
        Hooks = hooks;
        _power = power;
        Facts = facts;
        Map = new CapabilityMap(hardware.Size, rules);
        Copy = new ConfigurationBytes(new byte[hardware.Size]);

        CapabilityChains chains = new(new CapabilityReader(hardware), rules, Map, Copy);
        chains.Fill(0, PciRegisters.HeaderSize);
        Bars = new VirtualBars(facts, Copy);
        ShowFacts();
        _setUp = chains.Map();
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
        Copy = original.Copy.Copy();
        Bars = original.Bars.Copy();
        IsIntxDisabled = original.IsIntxDisabled;
        IsLowPowerAsked = original.IsLowPowerAsked;
    }

    /// <summary>What was odd about the function's capabilities.</summary>
    public IReadOnlyList<CapabilityNotice> Notices { get; }

    /// <summary>Whether the user set INTx disable (<c>virq_disabled</c>).</summary>
    public bool IsIntxDisabled { get; private set; }

    /// <summary>Whether the user has asked for low power, under the RFC (<c>pm_runtime_suspended</c>).</summary>
    public bool IsLowPowerAsked { get; private set; }

    /// <summary>Whether the user's COMMAND has memory enabled (<c>__vfio_pci_memory_enabled()</c>, but for D3).</summary>
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

    /// <summary>Sets it up from the function's registers when the device is opened (<c>vfio_config_init()</c>).</summary>
    /// <returns>
    /// Success, or the error that the open fails with when a malformed chain leads to addresses that cannot be read
    /// (<see cref="CapabilityReader.Result"/>).
    /// </returns>
    public static KernelResult Create(
        IPhysicalConfiguration hardware,
        IConfigurationHooks hooks,
        IUserPowerHooks power,
        ConfigurationRules rules,
        FunctionFacts facts,
        out VirtualConfiguration? configuration)
    {
        VirtualConfiguration made = new(hardware, hooks, power, rules, facts);
        configuration = made._setUp.IsError ? null : made;
        return made._setUp;
    }

    /// <summary>
    /// The user reads: any offset and length (<c>vfio_pci_config_rw()</c>).
    /// </summary>
    /// <returns>The number of bytes, or <see cref="Errno.EFAULT"/> if any of them lies outside.</returns>
    public KernelResult Read(long offset, Span<byte> buffer)
    {
        bool isHeld = BeginUserAccess();
        KernelResult result = ReadChunks(offset & OffsetMask, buffer);
        EndUserAccess(isHeld);
        return result;
    }

    /// <summary>
    /// The user writes: any offset and length. What must not be written is dropped without an error.
    /// </summary>
    /// <returns>
    /// The number of bytes, <see cref="Errno.EFAULT"/> if any of them lies outside, or the hardware's error; what
    /// came before the failing chunk has been written then.
    /// </returns>
    public KernelResult Write(long offset, ReadOnlySpan<byte> data)
    {
        bool isHeld = BeginUserAccess();
        KernelResult result = WriteChunks(offset & OffsetMask, data);
        EndUserAccess(isHeld);
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
        hash.Add(Copy.All);
        Bars.AddTo(ref hash);
        hash.Add(IsIntxDisabled);
        hash.Add(IsLowPowerAsked);
    }

    internal uint ReadHardware(in ConfigurationChunk chunk)
    {
        BeginHardwareAccess();
        uint value = Hardware.Read(chunk.Position, chunk.Width);
        EndHardwareAccess();
        return value;
    }

    internal KernelResult WriteHardware(in ConfigurationChunk chunk, uint value)
    {
        BeginHardwareAccess();
        KernelResult result = Hardware.Write(chunk.Position, chunk.Width, value);
        EndHardwareAccess();
        return result;
    }

    internal void AskForLowPower()
    {
        IsLowPowerAsked = true;
        _power.PutForLowPower();
    }

    internal void AskForFullPower()
    {
        IsLowPowerAsked = false;
        _power.GetForFullPower();
    }

    internal void FollowIntxDisable()
    {
        bool isDisabled = (CommandCopy & PciRegisters.CommandInterruptDisable) != 0;
        if (isDisabled == IsIntxDisabled)
        {
            return;
        }

        IsIntxDisabled = isDisabled;
        if (isDisabled)
        {
            Hooks.MaskIntx();
        }
        else
        {
            Hooks.UnmaskIntx();
        }
    }

    internal void ResetFunction()
    {
        Hooks.LockMemory(zapMappings: true);
        Hooks.TryResetFunction();
        Hooks.UnlockMemory();
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

    private KernelResult ReadChunks(long position, Span<byte> buffer)
    {
        for (int done = 0; done < buffer.Length;)
        {
            if (IsOutside(position + done, buffer.Length - done))
            {
                return Errno.EFAULT;
            }

            ConfigurationChunk chunk = Map.Cut((int)position + done, buffer.Length - done);
            uint value = Map.HandlerAt(chunk.Position).Read(this, chunk);
            for (int i = 0; i < chunk.Width; i++)
            {
                buffer[done++] = (byte)(value >> (8 * i));
            }
        }

        return buffer.Length;
    }

    private KernelResult WriteChunks(long position, ReadOnlySpan<byte> data)
    {
        for (int done = 0; done < data.Length;)
        {
            if (IsOutside(position + done, data.Length - done))
            {
                return Errno.EFAULT;
            }

            ConfigurationChunk chunk = Map.Cut((int)position + done, data.Length - done);
            uint value = 0;
            for (int i = 0; i < chunk.Width; i++)
            {
                value |= (uint)data[done++] << (8 * i);
            }

            KernelResult result = Map.HandlerAt(chunk.Position).Write(this, chunk, value);
            if (result.IsError)
            {
                return result;
            }
        }

        return data.Length;
    }

    private bool IsOutside(long position, int count) => position + count > Map.Size;

    private bool BeginUserAccess()
    {
        if (IsLowPowerAsked)
        {
            _power.BeginUserAccess();
        }

        return IsLowPowerAsked;
    }

    // By what was so at the beginning: the access itself may change whether low power is asked for.
    private void EndUserAccess(bool isHeld)
    {
        if (isHeld)
        {
            _power.EndUserAccess();
        }
    }

    private void BeginHardwareAccess()
    {
        if (IsLowPowerAsked)
        {
            _power.BeginHardwareAccess();
        }
    }

    private void EndHardwareAccess()
    {
        if (IsLowPowerAsked)
        {
            _power.EndHardwareAccess();
        }
    }
}
