namespace VfioPm.Tests.Pci;

/// <summary>What a function writes for a vector, as its registers have it (PCI Local Bus 3.0, section 6.8).</summary>
public sealed class InterruptMessageTests
{
    private const int Msi = CapabilityImages.Standard;
    private const ushort FourGiven = 0x0020;

    // Message Control, the mask register where 64-bit addresses have it, the vector; the data that goes out.
    [Theory]
    [InlineData(MsiRegisters.Enable, 0u, 0, 0x4321)]
    [InlineData(MsiRegisters.Enable, 0u, 1, null)]
    [InlineData(MsiRegisters.Enable | FourGiven, 0u, 3, 0x4323)]
    [InlineData(MsiRegisters.Enable | FourGiven, 0u, 4, null)]
    [InlineData(0, 0u, 0, null)]
    [InlineData(MsiRegisters.Enable | FourGiven | MsiRegisters.Maskable, 0b0100u, 2, null)]
    [InlineData(MsiRegisters.Enable | FourGiven | MsiRegisters.Maskable, 0b0100u, 1, 0x4321)]
    [InlineData(MsiRegisters.Enable | FourGiven | MsiRegisters.Maskable, 0b1011u, 2, 0x4322)]
    [InlineData(MsiRegisters.Enable | FourGiven, 0xffffu, 2, 0x4322)]
    public void A_vector_of_MSI_has_its_number_in_the_low_bits_unless_it_is_masked_or_was_not_given(
        int control, uint masks, int vector, int? data)
    {
        byte[] bytes = [.. DeviceImages.E1000E
            .WithoutCapability(CapabilityId.MsiX)
            .WithoutCapability(CapabilityId.Msi)
            .WithStandard(CapabilityId.Msi).Bytes.Span];
        Put(bytes, Msi + MsiRegisters.MessageControl, (uint)control | MsiRegisters.Address64 | 0x4, 2);
        Put(bytes, Msi + MsiRegisters.Address, 0xfee0_1000, 4);
        Put(bytes, Msi + MsiRegisters.UpperAddress, 0x2, 4);
        Put(bytes, Msi + 0x0c, 0x4321, 2);
        Put(bytes, Msi + 0x10, masks, 4);

        InterruptMessage? message = Find(DeviceImages.E1000E.WithBytes(bytes), new RamRegisters(), vector);

        (message?.Data).Should().Be((uint?)data);
        (message?.Address).Should().Be(data is null ? null : 0x2_fee0_1000);
    }

    [Fact]
    public void A_message_of_32_bits_has_no_upper_half_and_its_data_in_that_place()
    {
        byte[] bytes = [.. DeviceImages.E1000E.WithoutCapability(CapabilityId.MsiX).WithoutCapability(CapabilityId.Msi)
            .WithStandard(CapabilityId.Msi).Bytes.Span];
        Put(bytes, Msi + MsiRegisters.MessageControl, MsiRegisters.Enable | MsiRegisters.Maskable, 2);
        Put(bytes, Msi + MsiRegisters.Address, 0xfee0_1000, 4);
        Put(bytes, Msi + 0x08, 0x4321, 2);

        Find(DeviceImages.E1000E.WithBytes(bytes), new RamRegisters(), 0).Should().Be(new InterruptMessage(0xfee0_1000, 0x4321));
        Put(bytes, Msi + 0x0c, 1, 4);
        Find(DeviceImages.E1000E.WithBytes(bytes), new RamRegisters(), 0).Should().BeNull("it is masked");
    }

    [Theory]
    [InlineData(MsiRegisters.MsiXEnable, 1, true)]
    [InlineData(MsiRegisters.MsiXEnable, 4, true)]
    [InlineData(MsiRegisters.MsiXEnable, 5, false)]
    [InlineData(MsiRegisters.MsiXEnable, 2, false)]
    [InlineData(MsiRegisters.MsiXEnable | MsiRegisters.MsiXMaskAll, 1, false)]
    [InlineData(0, 1, false)]
    public void A_vector_of_MSI_X_has_the_entry_of_the_table_unless_it_or_all_are_masked(int control, int vector, bool isSent)
    {
        DeviceImage image = DeviceImages.E1000E;
        int capability = image.Capabilities.Find(CapabilityId.MsiX)!.Value.Offset;
        byte[] bytes = [.. image.Bytes.Span];
        Put(bytes, capability + MsiRegisters.MessageControl, (uint)control | 4, 2);
        Put(bytes, capability + MsiRegisters.MsiXTable, 0x2003, 4);
        var table = new RamRegisters();
        foreach (int entry in (int[])[1, 2, 4, 5])
        {
            long at = 0x2000 + (entry * MsiRegisters.MsiXEntrySize);
            table.Write(3, at, 4, 0xfee0_0000u | (uint)(entry << 5));
            table.Write(3, at + 4, 4, 0x7);
            table.Write(3, at + MsiRegisters.MsiXEntryData, 4, (uint)entry);
            table.Write(3, at + MsiRegisters.MsiXEntryControl, 4, entry == 2 ? 1u : 0xffff_fffe);
        }

        Find(image.WithBytes(bytes), table, vector).Should().Be(
            isSent ? new InterruptMessage(0x7_fee0_0000UL | ((uint)vector << 5), (uint)vector) : null);
    }

    private static InterruptMessage? Find(DeviceImage image, RamRegisters registers, int vector) =>
        InterruptMessage.Find(PciFunction.Standalone(image), registers, vector);

    private static void Put(byte[] bytes, int offset, uint value, int width)
    {
        for (int i = 0; i < width; i++)
        {
            bytes[offset + i] = (byte)(value >> (8 * i));
        }
    }
}
