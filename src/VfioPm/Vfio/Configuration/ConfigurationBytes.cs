using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// Little-endian registers in a block of bytes. What lies beyond its end reads as zero and takes no writes.
/// </summary>
internal sealed class ConfigurationBytes
{
    private SharedBytes _bytes;

    /// <summary>The registers in these bytes.</summary>
    public ConfigurationBytes(byte[] bytes) => _bytes = new SharedBytes(bytes);

    /// <summary>The same registers for a fork.</summary>
    public ConfigurationBytes(ConfigurationBytes original) => _bytes = new SharedBytes(ref original._bytes);

    public uint this[int offset, int width]
    {
        get
        {
            ReadOnlySpan<byte> bytes = _bytes.All;
            if (width > 1 && offset + width <= bytes.Length)
            {
                return width == 4
                    ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..])
                    : BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);
            }

            uint value = 0;
            for (int i = Math.Min(width, bytes.Length - offset) - 1; i >= 0; i--)
            {
                value = (value << 8) | bytes[offset + i];
            }

            return value;
        }

        set
        {
            Span<byte> bytes = _bytes.Change();
            for (int i = Math.Min(width, bytes.Length - offset) - 1; i >= 0; i--)
            {
                bytes[offset + i] = (byte)(value >> (8 * i));
            }
        }
    }

    public void AddTo(ref StateHash hash) => _bytes.AddTo(ref hash);
}
