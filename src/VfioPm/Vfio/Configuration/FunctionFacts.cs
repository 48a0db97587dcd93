namespace VfioPm;

/// <summary>What vfio-pci knows of a function from elsewhere when it sets up its virtual configuration space.</summary>
internal sealed record FunctionFacts : IUnchanging
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

    /// <summary>The six BARs and the expansion ROM.</summary>
    public required BarResources Bars { get; init; }

    /// <summary>Whether the ROM is a copy in host memory (<c>IORESOURCE_ROM_SHADOW</c>).</summary>
    public bool IsRomShadowed { get; init; }
}
