namespace VfioPm;

/// <summary>
/// PMCSR where a power state that the user writes takes effect at once (<c>vfio_pm_config_write()</c> before
/// the RFC and in released kernels).
/// </summary>
/// <param name="table">The capability's permissions.</param>
/// <param name="locksMemory">
/// Whether the change is made under <c>memory_lock</c>, mappings zapped on the way into D3
/// (<c>vfio_lock_and_set_power_state()</c>, Linux 5.19).
/// </param>
internal sealed class ImmediatePowerManagementHandler(PermissionTable table, bool locksMemory) : TableHandler(table)
{
    public override async KernelCall<int> Write(VirtualConfiguration config, ConfigurationChunk chunk, uint value)
    {
        int result = await base.Write(config, chunk, value);
        if (result < 0 || chunk.Offset != PmRegisters.ControlStatus)
        {
            return result;
        }

        PowerState state = (PowerState)(value & PmRegisters.StateMask);
        if (!locksMemory)
        {
            config.Hooks.TellPowerStateAsked(state);
            await config.Hooks.SetPowerState(state);
            return result;
        }

        using (await config.Hooks.LockMemory(takeAway: state >= PowerState.D3Hot))
        {
            config.Hooks.TellPowerStateAsked(state);
            await config.Hooks.SetPowerState(state);
            config.Hooks.RestoreDmaBufs();
            return result;
        }
    }
}
