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

    public override uint Read(VirtualConfiguration config, in ConfigurationChunk chunk)
    {
        bool startsInRegister = chunk.Offset is >= PmRegisters.ControlStatus
            and < PmRegisters.ControlStatus + RegisterWidth;
        return config.IsLowPowerAsked && startsInRegister
            ? config.Copy[chunk.Position, chunk.Width]
            : base.Read(config, chunk);
    }

    public override KernelResult Write(VirtualConfiguration config, in ConfigurationChunk chunk, uint value)
    {
        if (chunk.Offset == PmRegisters.ControlStatus)
        {
            bool asksForLowPower = (value & StateMask) != 0;
            if (asksForLowPower && !config.IsLowPowerAsked)
            {
                return AskForLowPower(config, chunk, value);
            }

            if (!asksForLowPower && config.IsLowPowerAsked)
            {
                AskForFullPower(config, chunk.Position);
            }
        }

        return base.Write(config, chunk, value);
    }

    private KernelResult AskForLowPower(VirtualConfiguration config, in ConfigurationChunk chunk, uint value)
    {
        KernelResult result = base.Write(config, chunk, value);
        if (result.IsError)
        {
            return result;
        }

        // The whole register is kept as it is now, whatever the width of the write.
        uint register = base.Read(config, chunk with { Width = RegisterWidth });
        config.Copy[chunk.Position, RegisterWidth] = (register & ~StateMask) | (value & StateMask);
        config.AskForLowPower();
        return result;
    }

    private static void AskForFullPower(VirtualConfiguration config, int position)
    {
        config.Copy[position, 2] &= ~StateMask;
        config.AskForFullPower();
    }
}
