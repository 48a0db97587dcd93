namespace VfioPm;

/// <summary>
/// Little-endian registers in a block of bytes. What lies beyond its end reads as zero and takes no writes.
/// </summary>
internal sealed class ConfigurationBytes(byte[] bytes)
{
    private readonly byte[] _bytes = bytes;

    /// <summary>A copy for a fork.</summary>
    public ConfigurationBytes(ConfigurationBytes original)
        : this([.. original._bytes])
    {
    }

    public ReadOnlySpan<byte> All => _bytes;

    public uint this[int offset, int width]
    {
        get
        {
            uint value = 0;
            for (int i = Math.Min(width, _bytes.Length - offset) - 1; i >= 0; i--)
            {
                value = (value << 8) | _bytes[offset + i];
            }

            return value;
        }

        set
        {
            for (int i = Math.Min(width, _bytes.Length - offset) - 1; i >= 0; i--)
            {
                _bytes[offset + i] = (byte)(value >> (8 * i));
            }
        }
    }

}
