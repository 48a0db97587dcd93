namespace VfioPm;

/// <summary>
/// A function's expansion ROM while the kernel has it mapped (<c>drivers/pci/rom.c</c>). Each time it does, it measures the images
/// in it (PCI Firmware 3.3, section 5.1). Nobody is woken for it.
/// </summary>
internal readonly struct ExpansionRom
{
    private const int Signature = 0xAA55;
    private const int DataStructurePointer = 0x18;
    private const uint DataStructureSignature = 0x5249_4350;
    private const int HeaderSize = 0x1a;
    private const int DataStructureLength = 0x0a;
    private const uint LeastDataStructure = 0x18;
    private const int ImageLength = 0x10;
    private const int Indicator = 0x15;
    private const uint LastImage = 0x80;
    private const int LengthUnit = 512;

    private readonly PciFunction _function;

    private ExpansionRom(PciFunction function, long size)
    {
        _function = function;
        Size = size;
    }

    /// <summary>The bytes of all images; 0 where there is none, and so no mapping.</summary>
    public long Size { get; }

    /// <summary>Enables its decoder, and leaves it so if there is an image (<c>pci_map_rom()</c>).</summary>
    public static ExpansionRom Map(PciFunction function, PciPowerRules rules)
    {
        if (function.FindBar(Bar.RomIndex) is not { } bar)
        {
            return new ExpansionRom(function, 0);
        }

        SetEnable(function, PciRegisters.RomAddressEnable);
        ExpansionRom rom = new(function, Measure(function, (long)bar.Size, rules));
        if (rom.Size == 0)
        {
            rom.Unmap();
        }

        return rom;
    }

    /// <summary>Whether there is one with an image.</summary>
    public static bool IsThere(PciFunction function, PciPowerRules rules)
    {
        ExpansionRom rom = Map(function, rules);
        if (rom.Size > 0)
        {
            rom.Unmap();
        }

        return rom.Size > 0;
    }

    /// <summary>Disables its decoder (<c>pci_unmap_rom()</c>).</summary>
    public void Unmap() => SetEnable(_function, 0);

    private static void SetEnable(PciFunction function, uint bit)
    {
        uint register = function.ReadConfig(PciRegisters.RomAddress, 4);
        function.WriteConfig(PciRegisters.RomAddress, 4, (register & ~PciRegisters.RomAddressEnable) | bit);
    }

    // pci_get_rom_size()
    private static long Measure(PciFunction function, long romSize, PciPowerRules rules)
    {
        long image = 0;
        bool isLast = false;
        while (!isLast && image + HeaderSize <= romSize && Read(function, image, 2) == Signature)
        {
            long data = image + Read(function, image + DataStructurePointer, 2);
            if (!IsDataStructure(function, data, romSize, rules))
            {
                break;
            }

            uint length = Read(function, data + ImageLength, 2);
            isLast = (Read(function, data + Indicator, 1) & LastImage) != 0 || length == 0;
            image += length * LengthUnit;
        }

        return Math.Min(image, romSize);
    }

    /// <summary>Later kernels look whether it is where it may be, and as long as what they read of it (<c>pci_rom_data_struct_valid()</c>).</summary>
    private static bool IsDataStructure(PciFunction function, long data, long romSize, PciPowerRules rules)
    {
        if (data + Indicator >= romSize || Read(function, data, 4) != DataStructureSignature)
        {
            return false;
        }

        uint length = Read(function, data + DataStructureLength, 2);
        return !rules.ChecksRomDataStructure
            || (data % 4 == 0 && length is >= LeastDataStructure and < ushort.MaxValue && data + length <= romSize);
    }

    private static uint Read(PciFunction function, long offset, int width) =>
        (uint)function.ReadBar(Bar.RomIndex, offset, width);
}
