namespace VfioPm;

/// <summary>
/// The beginning of the network boot ROM that the emulator's network adapters have: as much as it takes to see one
/// (PCI Firmware 3.0, section 5.1). The rest reads as zero.
/// </summary>
/// <param name="blocks">Its length, in units of 512 bytes.</param>
internal sealed class OptionRom(byte blocks)
{
    /// <summary>That of Intel's adapters.</summary>
    public static readonly OptionRom Intel = new(blocks: 0x93);

    private const int DataStructure = 0x1c;
    private const byte LastImage = 0x80;

    private readonly byte[] _image = Build(blocks);

    public ulong Read(long offset, int width)
    {
        ulong value = 0;
        for (int i = 0; i < width && offset + i < _image.Length; i++)
        {
            value |= (ulong)_image[offset + i] << (8 * i);
        }

        return value;
    }

    private static byte[] Build(byte blocks)
    {
        byte[] image = new byte[DataStructure + 0x18];
        ReadOnlySpan<byte> header = [0x55, 0xaa, blocks, 0xe9];
        header.CopyTo(image);
        image[0x18] = DataStructure;
        "PCIR"u8.CopyTo(image.AsSpan(DataStructure));
        image[DataStructure + 0x0a] = 0x18;
        image[DataStructure + 0x10] = blocks;
        image[DataStructure + 0x15] = LastImage;
        return image;
    }
}
