namespace VfioPm;

/// <summary>
/// PMCSR in the RFC's third patch: a power state that the user writes only moves the usage count, and runtime
/// PM follows; the user meanwhile reads a virtual copy (<c>vfio_perform_runtime_pm()</c>,
/// <c>vfio_pm_config_read()</c>).
/// </summary>
internal sealed class DeferredPowerManagementHandler(PermissionTable table) : TableHandler(table)
{
    private const int RegisterWidth = 4;
    private const uint StateMask = PmRegisters.StateMask;

    public override KernelCall<uint> Read(VirtualConfiguration config, ConfigurationChunk chunk)
    {
        bool startsInRegister = chunk.Offset is >= PmRegisters.ControlStatus
            and < PmRegisters.ControlStatus + RegisterWidth;
        return config.IsLowPowerAsked && startsInRegister
            ? config.Copy[chunk.Position, chunk.Width]
            : base.Read(config, chunk);
    }

    public override KernelCall<int> Write(VirtualConfiguration config, ConfigurationChunk chunk, uint value)
    {
        bool asksForLowPower = (value & StateMask) != 0;
        if (chunk.Offset == PmRegisters.ControlStatus)
        {
            config.Hooks.TellPowerStateAsked((PowerState)(value & StateMask));
        }

        return chunk.Offset != PmRegisters.ControlStatus || asksForLowPower == config.IsLowPowerAsked
            ? base.Write(config, chunk, value)
            : asksForLowPower ? AskForLowPower(config, chunk, value)
            : AskForFullPower(config, chunk, value);
    }

    private async KernelCall<int> AskForLowPower(VirtualConfiguration config, ConfigurationChunk chunk, uint value)
    {
        int result = await base.Write(config, chunk, value);
        if (result < 0)
        {
            return result;
        }

        // The whole register is kept as it is now, whatever the width of the write.
        uint register = await base.Read(config, chunk with { Width = RegisterWidth });
        config.Copy[chunk.Position, RegisterWidth] = (register & ~StateMask) | (value & StateMask);
        await config.AskForLowPower();
        return result;
    }

    private async KernelCall<int> AskForFullPower(VirtualConfiguration config, ConfigurationChunk chunk, uint value)
    {
        config.Copy[chunk.Position, 2] &= ~StateMask;
        await config.AskForFullPower();
        return await base.Write(config, chunk, value);
    }
}
