using System.Buffers.Binary;

namespace VfioPm;

/// <summary>Transfers to and from a bare function, cut into the cycles that a bus has: aligned, and of four bytes at most.</summary>
internal static class BusCycles
{
    /// <summary>How many bytes a region of a function has; 0 for one that it has not.</summary>
    public static ulong SizeOf(PciFunction function, long region) => region switch
    {
        VfioRegion.Configuration => (ulong)function.Configuration.Size,
        >= 0 and <= VfioRegion.Rom => function.FindBar((int)region)?.Size ?? 0,
        _ => 0,
    };

    /// <summary>Whether a transfer lies within a region.</summary>
    public static bool AreInside(PciFunction function, long region, ulong offset, ulong length) =>
        SizeOf(function, region) is var size && offset <= size && length <= size - offset;

    /// <summary>Reads, within a region.</summary>
    public static void Read(PciFunction function, int region, long offset, Span<byte> buffer)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (int done = 0, width; done < buffer.Length; done += width)
        {
            width = WidthAt(offset + done, buffer.Length - done);
            BinaryPrimitives.WriteUInt64LittleEndian(word, region == VfioRegion.Configuration
                ? function.ReadConfig((int)offset + done, width)
                : function.ReadBar(region, offset + done, width));
            word[..width].CopyTo(buffer[done..]);
        }
    }

    /// <summary>Writes, within a region.</summary>
    public static void Write(PciFunction function, int region, long offset, ReadOnlySpan<byte> bytes)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (int done = 0, width; done < bytes.Length; done += width)
        {
            width = WidthAt(offset + done, bytes.Length - done);
            word.Clear();
            bytes.Slice(done, width).CopyTo(word);
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(word);
            if (region == VfioRegion.Configuration)
            {
                function.WriteConfig((int)offset + done, width, (uint)value);
            }
            else
            {
                function.WriteBar(region, offset + done, width, value);
            }
        }
    }

    /// <summary>The widest cycle that is aligned there and does not reach beyond the end.</summary>
    private static int WidthAt(long offset, int left)
    {
        int width = sizeof(uint);
        while (offset % width != 0 || width > left)
        {
            width /= 2;
        }

        return width;
    }
}
