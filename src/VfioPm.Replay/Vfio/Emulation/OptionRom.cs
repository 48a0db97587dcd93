namespace VfioPm;

/// <summary>
/// The beginning of the network boot ROM that the emulator's network adapters have: as much as it takes to see one
/// (PCI Firmware 3.0, section 5.1). The rest reads as zero.
/// </summary>
internal static class OptionRom
{
    private const int DataStructure = 0x1c;
    private const byte Blocks = 0x93;
    private const byte LastImage = 0x80;

    private static readonly byte[] Image = Build();

    public static ulong Read(long offset, int width)
    {
        ulong value = 0;
        for (int i = 0; i < width && offset + i < Image.Length; i++)
        {
            value |= (ulong)Image[offset + i] << (8 * i);
        }

        return value;
    }

    private static byte[] Build()
    {
        byte[] image = new byte[DataStructure + 0x18];
        ReadOnlySpan<byte> header = [0x55, 0xaa, Blocks, 0xe9];
        header.CopyTo(image);
        image[0x18] = DataStructure;
        "PCIR"u8.CopyTo(image.AsSpan(DataStructure));
        image[DataStructure + 0x10] = Blocks;
        image[DataStructure + 0x15] = LastImage;
        return image;
    }
}
