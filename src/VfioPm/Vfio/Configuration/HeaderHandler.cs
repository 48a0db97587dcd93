namespace VfioPm;

/// <summary>
/// The configuration header (<c>vfio_basic_config_read()</c>, <c>vfio_basic_config_write()</c>): BAR sizing,
/// memory and I/O enable with the recovery from resets behind the driver's back, and INTx disable.
/// </summary>
internal sealed class HeaderHandler(PermissionTable table) : TableHandler(table)
{
    public override KernelCall<uint> Read(VirtualConfiguration config, ConfigurationChunk chunk)
    {
        if (VirtualBars.Contain(chunk))
        {
            config.Bars.Fixup(config.Copy);
        }

        KernelCall<uint> read = base.Read(config, chunk);
        return chunk.Offset == PciRegisters.Command && config.Facts.HasNoCommandMemory
            ? WithCommandMemory(config, read)
            : read;
    }

    public override async KernelCall<int> Write(VirtualConfiguration config, ConfigurationChunk chunk, uint value)
    {
        int result = chunk.Offset == PciRegisters.Command
            ? await WriteCommand(config, chunk, value)
            : await base.Write(config, chunk, value);
        if (result < 0)
        {
            return result;
        }

        if (chunk.Offset is PciRegisters.Command or PciRegisters.Command + 1)
        {
            await config.FollowIntxDisable();
        }

        if (VirtualBars.Contain(chunk))
        {
            config.Bars.MarkDirty();
        }

        return result;
    }

    /// <summary><c>no_command_memory</c>: the bit that the hardware lacks is shown as the user left it.</summary>
    private static async KernelCall<uint> WithCommandMemory(VirtualConfiguration config, KernelCall<uint> read) =>
        await read | (config.CommandCopy & PciRegisters.CommandMemory);

    private async KernelCall<int> WriteCommand(VirtualConfiguration config, ConfigurationChunk chunk, uint value)
    {
        const uint Decoding = PciRegisters.CommandMemory | PciRegisters.CommandIo;

        // Not through ReadHardware: the driver looks at the real register without waking the function.
        uint physical = await config.Hardware.ReadByUser(PciRegisters.Command, 2);
        using (await config.Hooks.LockMemory(takeAway: (value & PciRegisters.CommandMemory) == 0))
        {
            if (WasResetBehindOurBack(config, value, physical) || await config.Bars.NeedRestore(config.Hardware))
            {
                await config.Bars.Restore(config.Hardware);
            }

            int result = await base.Write(config, chunk, value);
            if (result >= 0)
            {
                config.CommandCopy = (config.CommandCopy & ~Decoding) | (value & Decoding);
                config.Hooks.RestoreDmaBufs();
            }

            return result;
        }
    }

    // The user enables what we believe is enabled, but the hardware has it off.
    private static bool WasResetBehindOurBack(VirtualConfiguration config, uint value, uint physical)
    {
        uint lost = value & config.CommandCopy & ~physical;
        return (lost & PciRegisters.CommandIo) != 0
            || ((lost & PciRegisters.CommandMemory) != 0 && !config.Facts.HasNoCommandMemory);
    }
}
