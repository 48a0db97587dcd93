namespace VfioPm;

/// <summary>
/// MSI: wholly virtual but for its mask bits. It is enabled through <c>VFIO_DEVICE_SET_IRQS</c>; the enable bit
/// and the vector count that the user writes reach the hardware only as far as that call set up
/// (<c>vfio_msi_config_write()</c>).
/// </summary>
internal sealed class MsiHandler() : TableHandler(PermissionTables.Msi32)
{
    private const int Control = MsiRegisters.MessageControl;
    private const uint ControlEnable = 0x0001;
    private const uint ControlQueueSize = 0x0070;
    private const int ControlQueueSizeShift = 4;

    // The driver's read function updates the "multiple message capable" bits of the ID word instead of the
    // control word. The ID is read from the hardware, so nobody ever sees it: Read needs no override.
    public override async KernelCall<int> Write(VirtualConfiguration config, ConfigurationChunk chunk, uint value)
    {
        int result = await base.Write(config, chunk, value);
        bool coversControl = chunk.Offset <= Control && chunk.Offset + chunk.Width >= Control;
        return result < 0 || !coversControl ? result : await WriteControl(config, chunk.CapabilityStart + Control);
    }

    protected override PermissionTable TableOf(VirtualConfiguration config) => config.Map.MsiTable;

    private static KernelCall<int> WriteControl(VirtualConfiguration config, int register)
    {
        uint control = config.Copy[register, 2];
        if (!config.Hooks.IsMsiEnabled)
        {
            control &= ~ControlEnable;
        }

        uint most = (uint)config.Hooks.MsiQueueSize;
        if ((control & ControlQueueSize) >> ControlQueueSizeShift > most)
        {
            control = (control & ~ControlQueueSize) | (most << ControlQueueSizeShift);
        }

        config.Copy[register, 2] = control;
        return config.Hardware.WriteByUser(register, 2, control);
    }
}
