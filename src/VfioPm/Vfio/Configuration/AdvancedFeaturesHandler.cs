namespace VfioPm;

/// <summary>
/// Advanced Features: its function level reset becomes the kernel's own reset (<c>vfio_af_config_write()</c>).
/// </summary>
internal sealed class AdvancedFeaturesHandler() : TableHandler(PermissionTables.AdvancedFeatures)
{
    private const int Capabilities = 3;
    private const int Control = 4;
    private const uint CapabilitiesTransactionPending = 0x01;
    private const uint CapabilitiesReset = 0x02;
    private const uint ControlReset = 0x01;

    public override KernelResult Write(VirtualConfiguration config, in ConfigurationChunk chunk, uint value)
    {
        const uint Needed = CapabilitiesReset | CapabilitiesTransactionPending;

        KernelResult result = base.Write(config, chunk, value);
        int start = chunk.CapabilityStart;
        uint control = config.Copy[start + Control, 1];
        if (result.IsError || (control & ControlReset) == 0)
        {
            return result;
        }

        config.Copy[start + Control, 1] = control & ~ControlReset;
        if ((config.Hardware.Read(start + Capabilities, 1) & Needed) == Needed)
        {
            config.ResetFunction();
        }

        return result;
    }
}
