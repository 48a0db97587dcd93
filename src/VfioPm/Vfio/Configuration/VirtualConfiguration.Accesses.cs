namespace VfioPm;

/// <content>The accesses of the user, and those to the hardware that come of them.</content>
internal sealed partial class VirtualConfiguration
{
    /// <summary>
    /// The user reads: any offset (in the region, or in the device's file) and length (<c>vfio_pci_config_rw()</c>).
    /// </summary>
    /// <returns>The number of bytes, or <see cref="Errno.EFAULT"/> if any of them lies outside.</returns>
    public KernelResult Read(long offset, Span<byte> buffer)
    {
        bool isHeld = BeginUserAccess();
        KernelResult result = ReadChunks(VfioRegion.Within(offset), buffer);
        EndUserAccess(isHeld);
        return result;
    }

    /// <summary>
    /// The user writes: any offset and length. What must not be written is dropped without an error.
    /// </summary>
    /// <returns>
    /// The number of bytes, <see cref="Errno.EFAULT"/> if any of them lies outside, or the hardware's error; what
    /// came before the failing chunk has been written then.
    /// </returns>
    public KernelResult Write(long offset, ReadOnlySpan<byte> data)
    {
        bool isHeld = BeginUserAccess();
        KernelResult result = WriteChunks(VfioRegion.Within(offset), data);
        EndUserAccess(isHeld);
        return result;
    }

    internal uint ReadHardware(in ConfigurationChunk chunk)
    {
        BeginHardwareAccess();
        uint value = Hardware.Read(chunk.Position, chunk.Width);
        EndHardwareAccess();
        return value;
    }

    internal KernelResult WriteHardware(in ConfigurationChunk chunk, uint value)
    {
        BeginHardwareAccess();
        KernelResult result = Hardware.Write(chunk.Position, chunk.Width, value);
        EndHardwareAccess();
        return result;
    }

    private KernelResult ReadChunks(long position, Span<byte> buffer)
    {
        for (int done = 0; done < buffer.Length;)
        {
            if (IsOutside(position + done, buffer.Length - done))
            {
                return Errno.EFAULT;
            }

            ConfigurationChunk chunk = Map.Cut((int)position + done, buffer.Length - done);
            uint value = Map.HandlerAt(chunk.Position).Read(this, chunk);
            for (int i = 0; i < chunk.Width; i++)
            {
                buffer[done++] = (byte)(value >> (8 * i));
            }
        }

        return buffer.Length;
    }

    private KernelResult WriteChunks(long position, ReadOnlySpan<byte> data)
    {
        for (int done = 0; done < data.Length;)
        {
            if (IsOutside(position + done, data.Length - done))
            {
                return Errno.EFAULT;
            }

            ConfigurationChunk chunk = Map.Cut((int)position + done, data.Length - done);
            uint value = 0;
            for (int i = 0; i < chunk.Width; i++)
            {
                value |= (uint)data[done++] << (8 * i);
            }

            KernelResult result = Map.HandlerAt(chunk.Position).Write(this, chunk, value);
            if (result.IsError)
            {
                return result;
            }
        }

        return data.Length;
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

    // By what was so at the beginning: the access itself may change whether low power is asked for.
    private void EndUserAccess(bool isHeld)
    {
        if (isHeld)
        {
            _power.EndUserAccess();
        }
    }

    private void BeginHardwareAccess()
    {
        if (IsLowPowerAsked)
        {
            _power.BeginHardwareAccess();
        }
    }

    private void EndHardwareAccess()
    {
        if (IsLowPowerAsked)
        {
            _power.EndHardwareAccess();
        }
    }
}
