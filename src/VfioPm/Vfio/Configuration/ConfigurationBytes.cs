namespace VfioPm;

/// <summary>
/// Little-endian registers in a block of bytes. What lies beyond its end reads as zero and takes no writes.
/// </summary>
internal sealed class ConfigurationBytes(byte[] bytes)
{
    public ReadOnlySpan<byte> All => bytes;

    public uint this[int offset, int width]
    {
        get
        {
            uint value = 0;
            for (int i = Math.Min(width, bytes.Length - offset) - 1; i >= 0; i--)
            {
                value = (value << 8) | bytes[offset + i];
            }

            return value;
        }

        set
        {
            for (int i = Math.Min(width, bytes.Length - offset) - 1; i >= 0; i--)
            {
                bytes[offset + i] = (byte)(value >> (8 * i));
            }
        }
    }

    public ConfigurationBytes Copy() => new([.. bytes]);
}
