namespace VfioPm;

/// <summary>A BAR as the host assigned it (<c>struct resource</c>); the default value is a BAR that is not there.</summary>
/// <param name="Start">Bus address, 0 if unassigned.</param>
/// <param name="Length">Bytes, a power of two.</param>
/// <param name="Kind">The read-only low bits of its register.</param>
internal readonly record struct BarResource(ulong Start, ulong Length, BarKinds Kind);

/// <summary>The low bits of a BAR register (PCI Local Bus 3.0, section 6.2.5.1).</summary>
[Flags]
internal enum BarKinds
{
    /// <summary>32-bit memory, not prefetchable.</summary>
    None = 0,

    /// <summary>I/O space.</summary>
    Io = 0x1,

    /// <summary>64-bit memory: this BAR and the next.</summary>
    Memory64 = 0x4,

    /// <summary>Prefetchable memory.</summary>
    Prefetchable = 0x8,
}

/// <summary>What vfio-pci knows of a function from elsewhere when it sets up its virtual configuration space.</summary>
internal sealed record FunctionFacts
{
    /// <summary>The vendor ID that the kernel holds; a VF's own register reads FFFF.</summary>
    public required ushort VendorId { get; init; }

    /// <summary>The device ID that the kernel holds.</summary>
    public required ushort DeviceId { get; init; }

    /// <summary>Whether it is an SR-IOV virtual function (<c>is_virtfn</c>).</summary>
    public bool IsVirtualFunction { get; init; }

    /// <summary>Whether the memory enable bit is not implemented, as in VFs (<c>no_command_memory</c>).</summary>
    public bool HasNoCommandMemory { get; init; }

    /// <summary>Whether INTx is broken and kept off (<c>nointx</c>).</summary>
    public bool IsIntxBroken { get; init; }

    /// <summary>Whether the interrupt pin leads nowhere (<c>IRQ_NOTCONNECTED</c>).</summary>
    public bool IsIntxUnconnected { get; init; }

    /// <summary>The six BARs.</summary>
    public required BarResource[] Bars { get; init; }

    /// <summary>The expansion ROM.</summary>
    public BarResource Rom { get; init; }

    /// <summary>Whether the ROM is a copy in host memory (<c>IORESOURCE_ROM_SHADOW</c>).</summary>
    public bool IsRomShadowed { get; init; }
}
