using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// Little-endian registers in a block of bytes. What lies beyond its end reads as zero and takes no writes.
/// </summary>
internal sealed class ConfigurationBytes
{
    private SpaceBytes _bytes;

    /// <summary>So many bytes of zero.</summary>
    public ConfigurationBytes(int length) => _bytes = new SpaceBytes(length);

    /// <summary>The same registers for a fork.</summary>
    public ConfigurationBytes(ConfigurationBytes original) => _bytes = new SpaceBytes(ref original._bytes);

    public uint this[int offset, int width]
    {
        get
        {
            ReadOnlySpan<byte> bytes = _bytes.Conventional;
            if (width > 1 && offset + width <= bytes.Length)
            {
                return width == 4
                    ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..])
                    : BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);
            }

            uint value = 0;
            for (int i = Math.Min(width, _bytes.Length - offset) - 1; i >= 0; i--)
            {
                value = (value << 8) | _bytes.ReadByte(offset + i);
            }

            return value;
        }

        set
        {
            for (int i = Math.Min(width, _bytes.Length - offset) - 1; i >= 0; i--)
            {
                _bytes.WriteByte(offset + i, (byte)(value >> (8 * i)));
            }
        }
    }

    /// <inheritdoc cref="SpaceBytes.ShareExtended"/>
    public void ShareExtended(CommonArrays common) => _bytes.ShareExtended(common);

    public void AddTo(ref StateHash hash) => _bytes.AddTo(ref hash);
}
