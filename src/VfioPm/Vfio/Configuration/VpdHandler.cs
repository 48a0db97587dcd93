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

    public override async KernelCall<int> Write(VirtualConfiguration config, ConfigurationChunk chunk, uint value)
    {
        int result = await base.Write(config, chunk, value);
        bool coversFlag = chunk.Offset <= Address + 1 && chunk.Offset + chunk.Width > Address + 1;
        if (result >= 0 && coversFlag)
        {
            await Transfer(config, chunk.CapabilityStart);
        }

        return result;
    }

    private static async KernelCall Transfer(VirtualConfiguration config, int start)
    {
        uint address = config.Copy[start + Address, 2];
        if ((address & AddressFlag) != 0)
        {
            uint written = config.Copy[start + Data, 4];
            if (await config.Hooks.WriteVpd((int)(address & ~AddressFlag), written) != 4)
            {
                return;
            }
        }
        else
        {
            VpdBytes read = await config.Hooks.ReadVpd((int)address);
            if (read.Count < 0)
            {
                return;
            }

            config.Copy[start + Data, 4] = read.Bytes;
        }

        config.Copy[start + Address, 2] = address ^ AddressFlag;
    }
}
