namespace VfioPm;

/// <content>The accesses of the user, and those to the hardware that come of them.</content>
internal sealed partial class VirtualConfiguration
{
    /// <summary>
    /// The user reads: any offset (in the region, or in the device's file) and length (<c>vfio_pci_config_rw()</c>).
    /// </summary>
    /// <returns>The number of bytes, or <see cref="Errno.EFAULT"/> if any of them lies outside.</returns>
    public async KernelCall<int> Read(long offset, UserMemory memory)
    {
        bool isHeld = BeginUserAccess();
        long position = VfioRegion.Within(offset);
        int done = 0;
        while (done < memory.Length && !IsOutside(position + done, memory.Length - done))
        {
            ConfigurationChunk chunk = Map.Cut((int)position + done, memory.Length - done);
            uint value = await Map.HandlerAt(chunk.Position).Read(this, chunk);
            for (int i = 0; i < chunk.Width; i++)
            {
                memory.Span[done++] = (byte)(value >> (8 * i));
            }
        }

        if (isHeld)
        {
            await _power.EndUserAccess();
        }

        return done == memory.Length ? done : -Errno.EFAULT;
    }

    /// <summary>
    /// The user writes: any offset and length. What must not be written is dropped without an error.
    /// </summary>
    /// <returns>
    /// The number of bytes, <see cref="Errno.EFAULT"/> if any of them lies outside, or the hardware's error; what
    /// came before the failing chunk has been written then.
    /// </returns>
    public async KernelCall<int> Write(long offset, UserMemory memory)
    {
        // By what is so at the beginning: the access itself may change whether low power is asked for.
        bool isHeld = BeginUserAccess();
        long position = VfioRegion.Within(offset);
        int error = 0;
        int done = 0;
        while (done < memory.Length && error >= 0)
        {
            if (IsOutside(position + done, memory.Length - done))
            {
                error = -Errno.EFAULT;
                break;
            }

            ConfigurationChunk chunk = Map.Cut((int)position + done, memory.Length - done);
            uint value = 0;
            for (int i = 0; i < chunk.Width; i++)
            {
                value |= (uint)memory.Bytes[done++] << (8 * i);
            }

            error = await Map.HandlerAt(chunk.Position).Write(this, chunk, value);
        }

        if (isHeld)
        {
            await _power.EndUserAccess();
        }

        return error < 0 ? error : done;
    }

    internal KernelCall<uint> ReadHardware(ConfigurationChunk chunk) => IsLowPowerAsked
        ? ReadHeldHardware(chunk)
        : Hardware.ReadByUser(chunk.Position, chunk.Width);

    internal KernelCall<int> WriteHardware(ConfigurationChunk chunk, uint value) => IsLowPowerAsked
        ? WriteHeldHardware(chunk, value)
        : Hardware.WriteByUser(chunk.Position, chunk.Width, value);

    private async KernelCall<uint> ReadHeldHardware(ConfigurationChunk chunk)
    {
        await _power.BeginHardwareAccess();
        uint value = await Hardware.ReadByUser(chunk.Position, chunk.Width);
        EndHardwareAccess();
        return value;
    }

    private async KernelCall<int> WriteHeldHardware(ConfigurationChunk chunk, uint value)
    {
        await _power.BeginHardwareAccess();
        int result = await Hardware.WriteByUser(chunk.Position, chunk.Width, value);
        EndHardwareAccess();
        return result;
    }

    private bool IsOutside(long position, int count) => position + count > Map.Size;

    private bool BeginUserAccess()
    {
        if (IsLowPowerAsked)
        {
            _power.BeginUserAccess();
        }

        return IsLowPowerAsked;
    }

    private void EndHardwareAccess()
    {
        if (IsLowPowerAsked)
        {
            _power.EndHardwareAccess();
        }
    }
}
