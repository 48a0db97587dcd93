namespace VfioPm;

/// <summary>
/// Vital product data: virtual registers in front of the kernel's own access to it. Completion is shown by
/// toggling the flag bit; where the kernel's access fails it stays (<c>vfio_vpd_config_write()</c>).
/// </summary>
internal sealed class VpdHandler() : TableHandler(PermissionTables.VitalProductData)
{
    private const int Address = VpdRegisters.Address;
    private const int Data = VpdRegisters.Data;
    private const uint AddressFlag = VpdRegisters.AddressFlag;

    public override KernelResult Write(VirtualConfiguration config, in ConfigurationChunk chunk, uint value)
    {
        KernelResult result = base.Write(config, chunk, value);
        bool coversFlag = chunk.Offset <= Address + 1 && chunk.Offset + chunk.Width > Address + 1;
        if (!result.IsError && coversFlag)
        {
            Transfer(config, chunk.CapabilityStart);
        }

        return result;
    }

    private static void Transfer(VirtualConfiguration config, int start)
    {
        uint address = config.Copy[start + Address, 2];
        if ((address & AddressFlag) != 0)
        {
            uint written = config.Copy[start + Data, 4];
            if (config.Hooks.WriteVpd((int)(address & ~AddressFlag), written).Value != 4)
            {
                return;
            }
        }
        else
        {
            if (config.Hooks.ReadVpd((int)address, out uint read).IsError)
            {
                return;
            }

            config.Copy[start + Data, 4] = read;
        }

        config.Copy[start + Address, 2] = address ^ AddressFlag;
    }
}
