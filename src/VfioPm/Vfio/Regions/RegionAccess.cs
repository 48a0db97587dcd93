namespace VfioPm;

/// <summary>
/// Reads and writes of the BAR and ROM regions: which bytes, in which cycles, and what they give
/// (<c>vfio_pci_bar_rw()</c>, <c>do_io_rw()</c>).
/// </summary>
/// <param name="function">The hardware.</param>
/// <param name="regions">What is in it.</param>
/// <param name="widestCycle">The widest cycle to a BAR in memory; to ports and the ROM it is 4 bytes.</param>
/// <param name="rules">The kernel's, of the ROM.</param>
internal readonly struct RegionAccess(PciFunction function, DeviceRegions regions, int widestCycle, PciPowerRules rules)
{
    /// <summary>Reads from a BAR or the ROM.</summary>
    /// <param name="index">0 to 5, or the ROM.</param>
    /// <param name="offset">Where in the region.</param>
    /// <param name="buffer">What to fill; a read across the end fills as much as there is.</param>
    /// <param name="isMemoryEnabled">Whether memory may be accessed (<c>__vfio_pci_memory_enabled()</c>).</param>
    /// <returns>
    /// The number of bytes, <see cref="Errno.EINVAL"/> outside of the region, <see cref="Errno.ENOMEM"/> for a ROM
    /// without image, <see cref="Errno.EIO"/> where memory is not enabled.
    /// </returns>
    public int Read(int index, long offset, Span<byte> buffer, bool isMemoryEnabled)
    {
        long size = SizeOf(index);
        if (offset >= size)
        {
            return -Errno.EINVAL;
        }

        Span<byte> inside = buffer[..(int)Math.Min(buffer.Length, size - offset)];
        if (index != VfioRegion.Rom)
        {
            return ReadRange(index, offset, inside, HiddenIn(index), isMemoryEnabled);
        }

        ExpansionRom rom = ExpansionRom.Map(function, rules);
        if (rom.Size == 0)
        {
            return -Errno.ENOMEM;
        }

        // What the BAR has beyond the images reads as all ones.
        int result = ReadRange(index, offset, inside, new Hidden(rom.Size, size), isMemoryEnabled);
        rom.Unmap();
        return result;
    }

    /// <summary>Writes to a BAR.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="index">0 to 5; the ROM is not written.</param>
    /// <param name="offset">Where in the region.</param>
    /// <param name="data">What to write; as much as fits.</param>
    /// <param name="isMemoryEnabled">Whether memory may be accessed.</param>
    public int Write(int index, long offset, ReadOnlySpan<byte> data, bool isMemoryEnabled)
    {
        long size = SizeOf(index);
        if (index == VfioRegion.Rom || offset >= size)
        {
            return -Errno.EINVAL;
        }

        int length = (int)Math.Min(data.Length, size - offset);
        Hidden hidden = HiddenIn(index);
        for (int done = 0; done < length;)
        {
            long at = offset + done;
            int width = Cut(at, length - done, hidden, WidestIn(index));
            if (width == 0)
            {
                done += (int)Math.Min(length - done, hidden.End - at);
                continue;
            }

            if (!isMemoryEnabled && !regions.IsIo(index))
            {
                return -Errno.EIO;
            }

            ulong value = 0;
            for (int i = 0; i < width; i++)
            {
                value |= (ulong)data[done++] << (8 * i);
            }

            function.WriteMapped(index, at, width, value);
        }

        return length;
    }

    // No offset of a file reaches beyond.
    private long SizeOf(int index) => (long)Math.Min(regions.SizeOf(index), long.MaxValue);

    private int ReadRange(int index, long offset, Span<byte> buffer, Hidden hidden, bool isMemoryEnabled)
    {
        for (int done = 0; done < buffer.Length;)
        {
            long at = offset + done;
            int width = Cut(at, buffer.Length - done, hidden, WidestIn(index));
            if (width == 0)
            {
                int skipped = (int)Math.Min(buffer.Length - done, hidden.End - at);
                buffer.Slice(done, skipped).Fill(byte.MaxValue);
                done += skipped;
                continue;
            }

            if (!isMemoryEnabled && !regions.IsIo(index))
            {
                return -Errno.EIO;
            }

            ulong value = function.ReadMapped(index, at, width);
            for (int i = 0; i < width; i++)
            {
                buffer[done++] = (byte)(value >> (8 * i));
            }
        }

        return buffer.Length;
    }

    private Hidden HiddenIn(int index) =>
        regions.HiddenIn(index) is { } table ? new Hidden(table.Start, table.End) : default;

    private int WidestIn(int index) => index == VfioRegion.Rom || regions.IsIo(index) ? 4 : widestCycle;

    // The widest aligned cycle that stays clear of what is hidden; 0 inside of it.
    private static int Cut(long at, int count, Hidden hidden, int widest)
    {
        long fillable = at < hidden.Start ? Math.Min(count, hidden.Start - at) : at >= hidden.End ? count : 0;
        int width = widest;
        while (width > 0 && (fillable < width || at % width != 0))
        {
            width /= 2;
        }

        return width;
    }

    // A range that drops writes and reads as all ones.
    private readonly record struct Hidden(long Start, long End);
}
