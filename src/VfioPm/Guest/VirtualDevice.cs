using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// What a VMM makes of an open vfio device for its guest (QEMU's <c>hw/vfio/pci.c</c>): configuration space is trapped
/// and passed on, BARs are mapped where the kernel maps them, and the power is what the VMM's firmware tables say.
/// </summary>
public sealed class VirtualDevice : IForkable
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
                _bars[bar] = file.Map(bar, 0, (long)info.Size);
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

    /// <inheritdoc/>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new VirtualDevice(this, fork);
    }

    /// <summary>All of configuration space, as far as the kernel gives it.</summary>
    internal byte[] ReadAllConfig()
    {
        var bytes = new byte[PciRegisters.ExtendedSize];
        File.GetRegionInfo(VfioRegion.Configuration, out VfioRegionInfo info);
        KernelResult read = File.Config.Read(0, bytes.AsSpan(0, (int)info.Size));
        return bytes[..Math.Max(read.Value, 0)];
    }

    /// <summary>A trapped read; one that the kernel refuses gives all ones.</summary>
    internal uint ReadConfig(int offset, int width)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bytes.Clear();
        return File.Config.Read(offset, bytes[..width]).IsError
            ? uint.MaxValue >> (32 - (8 * width))
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>A trapped write; one that the kernel refuses is lost.</summary>
    internal void WriteConfig(int offset, int width, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        File.Config.Write(offset, bytes[..width]);
    }

    /// <summary>An access to a BAR: through the mapping, or trapped where there is none.</summary>
    internal MappedAccess ReadMemory(int bar, long offset, int width)
    {
        if (_bars[bar] is { } mapping)
        {
            return mapping.Read(offset, width);
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        bool isRead = !File.Read(bar, offset, bytes[..width]).IsError;
        ulong value = isRead ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : ulong.MaxValue >> (64 - (8 * width));
        return new MappedAccess(value, IsFault: false);
    }

    /// <inheritdoc cref="ReadMemory"/>
    internal MappedAccess WriteMemory(int bar, long offset, int width, ulong value)
    {
        if (_bars[bar] is { } mapping)
        {
            return mapping.Write(offset, width, value);
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        File.Write(bar, offset, bytes[..width]);
        return new MappedAccess(value, IsFault: false);
    }

    /// <summary>
    /// The virtual machine is reset: the device is brought to D0, kept off the bus and reset, alone or with its bus
    /// (<c>vfio_pci_pre_reset()</c> and <c>vfio_pci_reset()</c> of QEMU).
    /// </summary>
    internal void Reset()
    {
        PowerResource?.TurnOn();
        var configuration = new GuestConfiguration(this);
        if (configuration.PmOffset is not null)
        {
            configuration.WriteState(PowerState.D0);
        }

        configuration.UpdateCommand(
            clear: PciRegisters.CommandIo | PciRegisters.CommandMemory | PciRegisters.CommandMaster
                | PciRegisters.CommandInterruptDisable,
            set: 0);
        if (File.Reset().IsError)
        {
            File.HotReset(File.Group);
        }
    }

    /// <summary>The VMM ends: what it had mapped goes, and the device is closed.</summary>
    internal void Close()
    {
        foreach (VfioMapping? mapping in _bars)
        {
            mapping?.Unmap();
        }

        File.Close();
        PowerResource?.Close();
    }
}
