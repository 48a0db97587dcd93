namespace VfioPm.Tests;

/// <summary>How long a ROM is, by the images in it (<c>pci_get_rom_size()</c>).</summary>
public sealed class ExpansionRomTests
{
    private const int RomSize = 0x800;

    [Theory]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void pci_get_rom_size_adds_up_the_images_to_the_last_one(string profile)
    {
        LengthOf(profile, new Image(1)).Should().Be(512);
        LengthOf(profile, new Image(1, IsLast: false)).Should().Be(512, "there is no other");
        LengthOf(profile, new Image(1, IsLast: false), new Image(2)).Should().Be(1536);
        LengthOf(profile, new Image(1), new Image(2)).Should().Be(512, "what is behind the last is none");
        LengthOf(profile, new Image(1, IsLast: false), new Image(2, IsLast: false), new Image(1)).Should().Be(2048);
        LengthOf(profile, new Image(4, IsLast: false)).Should().Be(RomSize);
        LengthOf(profile, new Image(9, IsLast: false)).Should().Be(RomSize, "there is no more of it");
        LengthOf(profile, new Image(1, IsLast: false), new Image(1, Signature: 0xaa56)).Should().Be(512);
        LengthOf(profile, new Image(1, IsLast: false), new Image(1, DataSignature: 0x5249_4351)).Should().Be(512);
    }

    [Theory]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void pci_map_rom_maps_none_where_there_is_no_image(string profile)
    {
        LengthOf(profile, new Image(1, Signature: 0xaa56)).Should().BeNull();
        LengthOf(profile, new Image(1, DataSignature: 0x5249_4351)).Should().BeNull();
        LengthOf(profile, new Image(0, IsLast: false)).Should().BeNull();
        LengthOf(profile, new Image(1, DataAt: RomSize - 0x15)).Should().BeNull("its indicator would be behind the ROM");
    }

    // pci_rom_data_struct_valid() came with 7.0.
    [Theory]
    [InlineData(0x1c, 0x18, true)]
    [InlineData(0x1c, 0x17, false)]
    [InlineData(0x1c, 0xfffe, false)]
    [InlineData(0x1c, 0xffff, false)]
    [InlineData(0x1e, 0x18, false)]
    [InlineData(RomSize - 0x18, 0x18, true)]
    [InlineData(RomSize - 0x18, 0x19, false)]
    public void pci_rom_data_struct_valid_asks_where_the_structure_is_and_how_long(int at, int length, bool isValid)
    {
        var image = new Image(1, DataAt: at, DataLength: length);

        LengthOf("linux-6.12", image).Should().Be(512);
        LengthOf("linux-7.3", image).Should().Be(isValid ? 512 : null);
    }

    /// <summary>What there is to be read of a ROM with these images one behind the other, or null.</summary>
    private static int? LengthOf(string profile, params Image[] images)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithBarSize(Bar.RomIndex, RomSize));
        nic.Sysfs.Write("enable", "1").Should().Succeed();
        uint register = nic.Hardware.ReadConfig(PciRegisters.RomAddress, 4);
        nic.Hardware.WriteConfig(PciRegisters.RomAddress, 4, register | PciRegisters.RomAddressEnable);
        int at = 0;
        foreach (Image image in images)
        {
            int data = at + image.DataAt;
            nic.Hardware.WriteBar(Bar.RomIndex, at, 2, (ulong)image.Signature);
            nic.Hardware.WriteBar(Bar.RomIndex, at + 0x18, 2, (ulong)image.DataAt);
            nic.Hardware.WriteBar(Bar.RomIndex, data, 4, (ulong)image.DataSignature);
            nic.Hardware.WriteBar(Bar.RomIndex, data + 0x0a, 2, (ulong)image.DataLength);
            nic.Hardware.WriteBar(Bar.RomIndex, data + 0x10, 2, (ulong)image.Units);
            if (data + 0x15 < RomSize)
            {
                nic.Hardware.WriteBar(Bar.RomIndex, data + 0x15, 1, image.IsLast ? 0x80u : 0);
            }

            at += 512 * image.Units;
        }

        nic.Hardware.WriteConfig(PciRegisters.RomAddress, 4, register);
        nic.Sysfs.Write("rom", "1").Should().Succeed();
        SysfsResult read = nic.Sysfs.Read("rom");
        nic.Hardware.Decodes(Bar.RomIndex).Should().BeFalse("it is unmapped again");
        return read.Error == Errno.EIO ? null : read.Length;
    }

    private sealed record Image(
        int Units, bool IsLast = true, int Signature = 0xaa55, int DataAt = 0x1c, int DataSignature = 0x5249_4350, int DataLength = 0x18);
}
