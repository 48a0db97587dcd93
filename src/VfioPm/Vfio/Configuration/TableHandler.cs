namespace VfioPm;

/// <summary>
/// A capability with a permission table: each bit is read from, and written to, the virtual copy or the
/// hardware as its row says (<c>vfio_default_config_read()</c>, <c>vfio_default_config_write()</c>).
/// </summary>
internal class TableHandler(PermissionTable table) : CapabilityHandler
{
    public override void Initialize(ConfigurationBytes copy, int start)
    {
        foreach (PermissionRow row in table.Rows)
        {
            if (row.StartsAtZero)
            {
                copy[start + row.Offset, row.Width] &= ~row.Virtual;
            }
        }
    }

    public override KernelCall<uint> Read(VirtualConfiguration config, ConfigurationChunk chunk)
    {
        uint virtualBits = TableOf(config).VirtualBits(chunk);
        if (virtualBits == 0)
        {
            return config.ReadHardware(chunk);
        }

        uint copy = config.Copy[chunk.Position, chunk.Width] & virtualBits;

        // A chunk without a physical bit never touches the hardware, and so never wakes it.
        return virtualBits == chunk.Mask ? copy : ReadPhysicalBits(config, chunk, copy, virtualBits);
    }

    public override KernelCall<int> Write(VirtualConfiguration config, ConfigurationChunk chunk, uint value)
    {
        PermissionTable permissions = TableOf(config);
        uint writableBits = permissions.WritableBits(chunk);
        uint virtualBits = permissions.VirtualBits(chunk);
        uint toCopy = writableBits & virtualBits;
        uint toHardware = writableBits & ~virtualBits;

        if (toCopy != 0)
        {
            uint copy = config.Copy[chunk.Position, chunk.Width];
            config.Copy[chunk.Position, chunk.Width] = (copy & ~toCopy) | (value & toCopy);
        }

        return toHardware == 0 ? 0 : WritePhysicalBits(config, chunk, value, toHardware);
    }

    private static async KernelCall<uint> ReadPhysicalBits(
        VirtualConfiguration config, ConfigurationChunk chunk, uint copy, uint virtualBits) =>
        copy | (await config.ReadHardware(chunk) & ~virtualBits);

    private static async KernelCall<int> WritePhysicalBits(
        VirtualConfiguration config, ConfigurationChunk chunk, uint value, uint toHardware)
    {
        uint hardware = await config.ReadHardware(chunk);
        return await config.WriteHardware(chunk, (hardware & ~toHardware) | (value & toHardware));
    }

    /// <summary>The table for this function; only MSI's depends on the function.</summary>
    protected virtual PermissionTable TableOf(VirtualConfiguration config) => table;
}
