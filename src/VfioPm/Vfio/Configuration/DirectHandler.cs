namespace VfioPm;

/// <summary>
/// Capabilities without a permission table: read from the hardware except for the link to the next one, which
/// vfio-pci may have changed to hide a capability (<c>vfio_direct_config_read()</c>).
/// </summary>
internal sealed class DirectHandler : CapabilityHandler
{
    /// <summary>Read only (<c>direct_ro_perms</c>).</summary>
    public static readonly DirectHandler ReadOnly = new(writesReachHardware: false);

    /// <summary>Written straight to the hardware: vendor-specific capabilities.</summary>
    public static readonly DirectHandler Writable = new(writesReachHardware: true);

    private const int ExtendedHeaderBytes = 4;

    private readonly bool _writesReachHardware;

    private DirectHandler(bool writesReachHardware) => _writesReachHardware = writesReachHardware;

    public override async KernelCall<uint> Read(VirtualConfiguration config, ConfigurationChunk chunk)
    {
        uint hardware = await config.ReadHardware(chunk);
        uint linkBits = LinkBits(chunk);
        return (hardware & ~linkBits) | (config.Copy[chunk.Position, chunk.Width] & linkBits);
    }

    public override KernelCall<int> Write(VirtualConfiguration config, ConfigurationChunk chunk, uint value) =>
        _writesReachHardware ? config.WriteHardware(chunk, value) : 0;

    // The single byte of a capability's ID is left to the hardware, and so is what a chain put into the header.
    private static uint LinkBits(ConfigurationChunk chunk) => chunk switch
    {
        { Position: >= PciRegisters.ConventionalSize } => chunk.Offset < ExtendedHeaderBytes ? chunk.Mask : 0,
        { Position: < PciRegisters.HeaderSize } or { Offset: 0, Width: 1 } => 0,
        { Offset: 0 } => 0xFFFF,
        { Offset: CapabilityChains.Link } => 0xFF,
        _ => 0,
    };
}
