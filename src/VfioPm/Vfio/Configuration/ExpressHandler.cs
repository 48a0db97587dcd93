namespace VfioPm;

/// <summary>
/// PCI Express: function level reset asked for through Device Control becomes the kernel's own reset, and the
/// read request size reaches the hardware with the payload size as its floor (<c>vfio_exp_config_write()</c>).
/// </summary>
internal sealed class ExpressHandler() : TableHandler(PermissionTables.Express)
{
    private const int DeviceControl = ExpressRegisters.DeviceControl;
    private const uint ControlReset = ExpressRegisters.DeviceControlInitiateFlr;
    private const uint ControlReadRequest = 0x7000;
    private const int ControlReadRequestShift = 12;
    private const uint ControlPayload = 0x00E0;
    private const int ControlPayloadShift = 5;

    // Sizes are coded as powers of two of 128 bytes; 4096 bytes is the most that pcie_set_readrq() takes.
    private const uint LargestReadRequest = 5;

    public override async KernelCall<int> Write(VirtualConfiguration config, ConfigurationChunk chunk, uint value)
    {
        int start = chunk.CapabilityStart;
        uint readRequestBefore = config.Copy[start + DeviceControl, 2] & ControlReadRequest;
        int result = await base.Write(config, chunk, value);
        if (result < 0)
        {
            return result;
        }

        uint control = config.Copy[start + DeviceControl, 2];
        if ((control & ControlReset) != 0)
        {
            config.Copy[start + DeviceControl, 2] = control & ~ControlReset;
            await Reset(config, start);
        }

        uint readRequest = control & ControlReadRequest;
        if (readRequest != readRequestBefore)
        {
            await SetReadRequest(config.Hardware, start, readRequest >> ControlReadRequestShift);
        }

        return result;
    }

    private static async KernelCall Reset(VirtualConfiguration config, int start)
    {
        uint capabilities = await config.Hardware.ReadByUser(start + ExpressRegisters.DeviceCapabilities, 4);
        if ((capabilities & ExpressRegisters.DeviceCapabilitiesFlr) != 0)
        {
            await config.ResetFunction();
        }
    }

    private static async KernelCall SetReadRequest(IPhysicalConfiguration hardware, int start, uint size)
    {
        uint control = await hardware.ReadByUser(start + DeviceControl, 2);
        uint payload = (control & ControlPayload) >> ControlPayloadShift;
        uint allowed = Math.Max(size, payload);
        if (allowed <= LargestReadRequest)
        {
            uint changed = (control & ~ControlReadRequest) | (allowed << ControlReadRequestShift);
            await hardware.WriteByUser(start + DeviceControl, 2, changed);
        }
    }
}
