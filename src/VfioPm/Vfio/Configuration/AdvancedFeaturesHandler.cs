namespace VfioPm;

/// <summary>
/// Advanced Features: its function level reset becomes the kernel's own reset (<c>vfio_af_config_write()</c>).
/// </summary>
internal sealed class AdvancedFeaturesHandler() : TableHandler(PermissionTables.AdvancedFeatures)
{
    private const int Control = AdvancedFeaturesRegisters.Control;
    private const uint ControlReset = AdvancedFeaturesRegisters.ControlInitiateFlr;
    private const uint TransactionsPending = 0x01;

    public override async KernelCall<int> Write(VirtualConfiguration config, ConfigurationChunk chunk, uint value)
    {
        const uint Needed = AdvancedFeaturesRegisters.CapabilitiesFlr | TransactionsPending;

        int result = await base.Write(config, chunk, value);
        int start = chunk.CapabilityStart;
        uint control = config.Copy[start + Control, 1];
        if (result < 0 || (control & ControlReset) == 0)
        {
            return result;
        }

        config.Copy[start + Control, 1] = control & ~ControlReset;
        if ((await config.Hardware.ReadByUser(start + AdvancedFeaturesRegisters.Capabilities, 1) & Needed) == Needed)
        {
            await config.ResetFunction();
        }

        return result;
    }
}
