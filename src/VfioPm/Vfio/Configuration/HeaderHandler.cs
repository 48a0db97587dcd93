namespace VfioPm;

/// <summary>
/// The configuration header (<c>vfio_basic_config_read()</c>, <c>vfio_basic_config_write()</c>): BAR sizing,
/// memory and I/O enable with the recovery from resets behind the driver's back, and INTx disable.
/// </summary>
internal sealed class HeaderHandler(PermissionTable table) : TableHandler(table)
{
    public override uint Read(VirtualConfiguration config, in ConfigurationChunk chunk)
    {
        if (VirtualBars.Contain(chunk))
        {
            config.Bars.Fixup(config.Copy);
        }

        uint value = base.Read(config, chunk);

        // no_command_memory: the bit that the hardware lacks is shown as the user left it.
        return chunk.Offset == ConfigurationLayout.Command && config.Facts.HasNoCommandMemory
            ? value | (config.CommandCopy & ConfigurationLayout.CommandMemory)
            : value;
    }

    public override KernelResult Write(VirtualConfiguration config, in ConfigurationChunk chunk, uint value)
    {
        KernelResult result = chunk.Offset == ConfigurationLayout.Command
            ? WriteCommand(config, chunk, value)
            : base.Write(config, chunk, value);
        if (result.IsError)
        {
            return result;
        }

        if (chunk.Offset is ConfigurationLayout.Command or ConfigurationLayout.Command + 1)
        {
            config.FollowIntxDisable();
        }

        if (VirtualBars.Contain(chunk))
        {
            config.Bars.MarkDirty();
        }

        return result;
    }

    private KernelResult WriteCommand(VirtualConfiguration config, in ConfigurationChunk chunk, uint value)
    {
        const uint Decoding = ConfigurationLayout.CommandMemory | ConfigurationLayout.CommandIo;

        // Not through ReadHardware: the driver looks at the real register without waking the function.
        uint physical = config.Hardware.Read(ConfigurationLayout.Command, 2);
        config.Hooks.LockMemory(zapMappings: (value & ConfigurationLayout.CommandMemory) == 0);

        if (WasResetBehindOurBack(config, value, physical) || config.Bars.NeedRestore(config.Hardware))
        {
            config.Bars.Restore(config.Hardware);
        }

        KernelResult result = base.Write(config, chunk, value);
        if (!result.IsError)
        {
            config.CommandCopy = (config.CommandCopy & ~Decoding) | (value & Decoding);
        }

        config.Hooks.UnlockMemory();
        return result;
    }

    // The user enables what we believe is enabled, but the hardware has it off.
    private static bool WasResetBehindOurBack(VirtualConfiguration config, uint value, uint physical)
    {
        uint lost = value & config.CommandCopy & ~physical;
        return (lost & ConfigurationLayout.CommandIo) != 0
            || ((lost & ConfigurationLayout.CommandMemory) != 0 && !config.Facts.HasNoCommandMemory);
    }
}
