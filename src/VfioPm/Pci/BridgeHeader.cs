namespace VfioPm;

/// <summary>A range of addresses that a bridge passes on.</summary>
/// <param name="Base">The first address.</param>
/// <param name="Limit">The last address; below <paramref name="Base"/> for a closed window.</param>
public readonly record struct BridgeWindow(ulong Base, ulong Limit)
{
    /// <summary>Whether anything is passed on.</summary>
    public bool IsOpen => Base <= Limit;
}

/// <summary>
/// What is special about the header of a bridge (PCI-to-PCI Bridge 1.2, section 3.2), read from its registers
/// as they are now.
/// </summary>
public sealed class BridgeHeader
{
    private readonly ConfigurationSpace _space;

    internal BridgeHeader(ConfigurationSpace space) => _space = space;

    /// <summary>The bus above.</summary>
    public byte PrimaryBus => (byte)_space.Read(PciRegisters.PrimaryBus, 1);

    /// <summary>The bus right below.</summary>
    public byte SecondaryBus => (byte)_space.Read(PciRegisters.SecondaryBus, 1);

    /// <summary>The highest bus below.</summary>
    public byte SubordinateBus => (byte)_space.Read(PciRegisters.SubordinateBus, 1);

    /// <summary>The I/O ports passed on.</summary>
    public BridgeWindow IoWindow
    {
        get
        {
            uint register = _space.Read(PciRegisters.IoBase, 2);
            uint upper = (register & 0xf) == 1 ? _space.Read(PciRegisters.IoBaseUpper, 4) : 0;
            uint first = ((register & 0xf0) << 8) | ((upper & 0xffff) << 16);
            uint last = (register & 0xf000) | 0xfff | (upper & 0xffff_0000);
            return new BridgeWindow(first, last);
        }
    }

    /// <summary>The memory passed on.</summary>
    public BridgeWindow MemoryWindow => DecodeMemory(PciRegisters.MemoryBase, 0, 0);

    /// <summary>The prefetchable memory passed on.</summary>
    public BridgeWindow PrefetchableWindow
    {
        get
        {
            bool wide = (_space.Read(PciRegisters.PrefetchableBase, 2) & 0xf) == 1;
            return DecodeMemory(
                PciRegisters.PrefetchableBase,
                wide ? _space.Read(PciRegisters.PrefetchableBaseUpper, 4) : 0,
                wide ? _space.Read(PciRegisters.PrefetchableBaseUpper + 4, 4) : 0);
        }
    }

    /// <summary>Whether the bus below is held in reset.</summary>
    public bool BusReset =>
        (_space.Read(PciRegisters.BridgeControl, 2) & PciRegisters.BridgeControlBusReset) != 0;

    private BridgeWindow DecodeMemory(int register, uint baseUpper, uint limitUpper)
    {
        uint value = _space.Read(register, 4);
        ulong first = ((ulong)baseUpper << 32) | ((value & 0xfff0) << 16);
        ulong last = ((ulong)limitUpper << 32) | (value & 0xfff0_0000) | 0xf_ffff;
        return new BridgeWindow(first, last);
    }
}
