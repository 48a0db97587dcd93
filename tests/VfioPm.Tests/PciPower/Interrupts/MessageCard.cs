namespace VfioPm.Tests;

/// <summary>Cards with message interrupts, and what is in their registers.</summary>
internal static class MessageCard
{
    public const int TableSize = 5;

    private const ushort Masked = 1;

    public static int Msi(PciDevice card) => card.Hardware.Capabilities.Find(CapabilityId.Msi)!.Value.Offset;

    public static int MsiX(PciDevice card) => card.Hardware.Capabilities.Find(CapabilityId.MsiX)!.Value.Offset;

    public static uint MaskOf(PciDevice card) => card.Hardware.ReadConfig(Msi(card) + 0x10, 4);

    public static (uint Address, uint Upper, uint Data) MessageOf(PciDevice card) => (
        card.Hardware.ReadConfig(Msi(card) + MsiRegisters.Address, 4),
        card.Hardware.ReadConfig(Msi(card) + MsiRegisters.UpperAddress, 4),
        card.Hardware.ReadConfig(Msi(card) + 0x0c, 2));

    public static uint ControlOf(PciDevice card) => card.Hardware.ReadConfig(MsiX(card) + MsiRegisters.MessageControl, 2)
        & ~(uint)MsiRegisters.MsiXTableSize;

    public static uint Entry(PciDevice card, int vector, int register)
    {
        uint table = card.Hardware.ReadConfig(MsiX(card) + MsiRegisters.MsiXTable, 4);
        return (uint)card.Hardware.ReadMapped(
            (int)(table & MsiRegisters.MsiXTableBar), (table & ~MsiRegisters.MsiXTableBar) + (vector * MsiRegisters.MsiXEntrySize) + register, 4);
    }

    public static void Write(PciDevice card, int vector, int register, uint value)
    {
        uint table = card.Hardware.ReadConfig(MsiX(card) + MsiRegisters.MsiXTable, 4);
        card.Hardware.WriteMapped(
            (int)(table & MsiRegisters.MsiXTableBar), (table & ~MsiRegisters.MsiXTableBar) + (vector * MsiRegisters.MsiXEntrySize) + register, 4, value);
    }

    public static uint[] MasksOf(PciDevice card) =>
        [.. Enumerable.Range(0, TableSize).Select(vector => Entry(card, vector, MsiRegisters.MsiXEntryControl) & Masked)];

    public static uint[] AddressesOf(PciDevice card) => [.. Enumerable.Range(0, TableSize).Select(vector => Entry(card, vector, 0))];

    public static bool IsIntxOff(PciDevice card) =>
        card.Hardware.Configuration.Has(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);

    public static PciDevice Enabled(PciDevice card)
    {
        ScriptedDriver.Do(card, static device => PciPm.Enable(device)).Should().Succeed();
        ScriptedDriver.Do(card, static device => SetMaster(device)).Should().Succeed();
        return card;
    }

    private static async KernelCall<int> SetMaster(PciDevice device)
    {
        await PciPm.SetMaster(device);
        return 0;
    }

    /// <summary>A card with MSI alone: 64 bits, 8 messages and a mask for each, unless its control says otherwise.</summary>
    public static PciDevice WithMsi(SimulatedHost host, ushort control = 0x0186, params (int Register, int Width, uint Bits)[] writable)
    {
        byte[] bytes = [.. DeviceImages.E1000E
            .WithoutCapability(CapabilityId.MsiX)
            .WithoutCapability(CapabilityId.Msi)
            .WithStandard(CapabilityId.Msi).Bytes.Span];
        bytes[CapabilityImages.Standard + MsiRegisters.MessageControl] = (byte)control;
        bytes[CapabilityImages.Standard + MsiRegisters.MessageControl + 1] = (byte)(control >> 8);
        DeviceImage image = DeviceImages.E1000E.WithBytes(bytes);
        foreach ((int register, int width, uint bits) in writable)
        {
            image = image.WithWritableBits(CapabilityImages.Standard + register, width, bits);
        }

        return Enabled(host.AddEndpoint("0000:00:05.0", image));
    }

    public static PciDevice WithMsiX(SimulatedHost host) => Enabled(host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E));
}
