namespace VfioPm;

/// <summary>
/// What a VMM makes of an open vfio device for its guest (QEMU's <c>hw/vfio/pci.c</c>): configuration space is trapped
/// and passed on, BARs are mapped where the kernel maps them, and the power is what the VMM's firmware tables say.
/// </summary>
public sealed class VirtualDevice : INumbered
{
    private const int BarCount = 6;

    private readonly VfioMapping?[] _bars = new VfioMapping?[BarCount];

    internal VirtualDevice(GuestDevice owner, VfioDeviceFile file, VirtualDeviceSetup setup)
    {
        File = file;
        PowerResource = setup.HasPowerResource ? new VirtualPowerResource(owner, file, setup.HasWakeup) : null;
        for (int bar = 0; bar < BarCount; bar++)
        {
            if (!file.GetRegionInfo((uint)bar, out VfioRegionInfo info).IsError
                && info.Flags.HasFlag(VfioRegionFlags.Map))
            {
                // One that cannot be mapped is trapped (vfio_region_mmap()).
                file.TryMap(bar, 0, (long)Math.Min(info.Size, long.MaxValue), out _bars[bar]);
            }
        }
    }

    private VirtualDevice(VirtualDevice original, ForkContext fork)
    {
        fork.Register(original, this);
        File = fork.Of(original.File);
        PowerResource = fork.OfNullable(original.PowerResource);
        for (int bar = 0; bar < BarCount; bar++)
        {
            _bars[bar] = fork.OfNullable(original._bars[bar]);
        }
    }

    /// <summary>What the VMM holds of the device.</summary>
    public VfioDeviceFile File { get; }

    /// <summary>The power resource that the VMM's ACPI tables give the device, if any.</summary>
    public VirtualPowerResource? PowerResource { get; }

    /// <summary>The number of the host's function.</summary>
    internal int Index => File.Device.Index;

    int INumbered.Index => Index;

    IForkable IForkable.Fork(ForkContext fork) => new VirtualDevice(this, fork);

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(Index);
        hash.Add(PowerResource is not null);
        PowerResource?.AddTo(ref hash);
    }

    /// <summary>All of configuration space, as far as the kernel gives it; the rest is ones.</summary>
    internal async KernelCall<UserMemory> ReadAllConfig(Kernel caller)
    {
        var info = new RegionInfoRequest(VfioRegion.Configuration, VfioRegionInfo.FullArgumentSize);
        await Exit(caller, File.Exit(info));
        var bytes = new UserMemory(Math.Max((int)info.Info.Size, PciRegisters.ConventionalSize));
        int read = await Exit(caller, File.ExitToRead(VfioRegion.Configuration, 0, bytes));
        bytes.Span[Math.Max(read, 0)..].Fill(0xff);
        return bytes;
    }

    /// <summary>A trapped read; one that the kernel refuses gives all ones.</summary>
    /// <param name="caller">The kernel whose thread reads: the guest's, or the host's for the VMM.</param>
    /// <param name="offset">Where.</param>
    /// <param name="width">How many bytes.</param>
    internal async KernelCall<uint> ReadConfig(Kernel caller, int offset, int width) =>
        (uint)await Read(caller, VfioRegion.Configuration, offset, width);

    /// <summary>A trapped write; one that the kernel refuses is lost.</summary>
    /// <inheritdoc cref="ReadConfig"/>
    internal KernelCall WriteConfig(Kernel caller, int offset, int width, uint value) =>
        Write(caller, VfioRegion.Configuration, offset, width, value);

    /// <summary>An access to a BAR: through the mapping, or trapped where there is none.</summary>
    internal async KernelCall<MappedAccess> ReadMemory(Kernel caller, int bar, long offset, int width) =>
        _bars[bar] is { } mapping
            ? await ReadMapping(caller, mapping, offset, width)
            : new MappedAccess(await Read(caller, bar, offset, width), IsFault: false);

    /// <inheritdoc cref="ReadMemory"/>
    internal async KernelCall<MappedAccess> WriteMemory(Kernel caller, int bar, long offset, int width, ulong value)
    {
        if (_bars[bar] is { } mapping)
        {
            return await WriteMapping(caller, mapping, offset, width, value);
        }

        await Write(caller, bar, offset, width, value);
        return new MappedAccess(value, IsFault: false);
    }

    /// <summary>
    /// The virtual machine is reset: the device is brought to D0, kept off the bus and reset, alone or with its bus
    /// (<c>vfio_pci_pre_reset()</c> and <c>vfio_pci_reset()</c> of QEMU).
    /// </summary>
    internal async KernelCall Reset(Kernel host)
    {
        if (PowerResource is { } resource)
        {
            await resource.TurnOn(host);
        }

        GuestConfiguration configuration = await GuestConfiguration.Find(this, host);
        if (configuration.Capabilities.Find(CapabilityId.PowerManagement) is { Offset: int pm })
        {
            uint pmcsr = await configuration.Read(pm + PmRegisters.ControlStatus, 2);
            if ((pmcsr & PmRegisters.StateMask) != 0)
            {
                await configuration.Write(pm + PmRegisters.ControlStatus, 2, pmcsr & ~(uint)PmRegisters.StateMask);
            }
        }

        const uint Quiet = PciRegisters.CommandIo | PciRegisters.CommandMemory | PciRegisters.CommandMaster
            | PciRegisters.CommandInterruptDisable;
        uint command = await configuration.Read(PciRegisters.Command, 2);
        await configuration.Write(PciRegisters.Command, 2, command & ~Quiet);
        if (await Exit(host, File.Exit(ResetRequest.Instance)) < 0)
        {
            await Exit(host, File.Exit(new HotResetRequest(0, [File.Group])));
        }
    }

    /// <summary>The VMM ends: what it had mapped goes, and the device is closed.</summary>
    internal void Close()
    {
        foreach (VfioMapping? mapping in _bars)
        {
            mapping?.Unmap();
        }

        try
        {
            File.Close();
        }
        finally
        {
            PowerResource?.Close();
        }
    }

    /// <summary>Somebody waits for the thread that makes his call into the host's kernel.</summary>
    internal static async KernelCall<int> Exit(Kernel caller, KernelThread call)
    {
        await caller.Join(call);
        return call.Result;
    }

    private async KernelCall<ulong> Read(Kernel caller, int region, long offset, int width)
    {
        var bytes = new UserMemory(width);
        int result = await Exit(caller, File.ExitToRead(region, offset, bytes));
        return result < 0 ? ulong.MaxValue >> (64 - (8 * width)) : bytes.Value;
    }

    private async KernelCall Write(Kernel caller, int region, long offset, int width, ulong value) =>
        await Exit(caller, File.ExitToWrite(region, offset, new UserMemory(width) { Value = value }));

    private static async KernelCall<MappedAccess> ReadMapping(Kernel caller, VfioMapping mapping, long offset, int width)
    {
        var bytes = new UserMemory(width);
        int result = await Exit(caller, mapping.ExitToRead(offset, bytes));
        return result < 0 ? MappedAccess.BusError : new MappedAccess(bytes.Value, IsFault: false);
    }

    private static async KernelCall<MappedAccess> WriteMapping(
        Kernel caller, VfioMapping mapping, long offset, int width, ulong value)
    {
        int result = await Exit(caller, mapping.ExitToWrite(offset, new UserMemory(width) { Value = value }));
        return result < 0 ? MappedAccess.BusError : new MappedAccess(value, IsFault: false);
    }
}
