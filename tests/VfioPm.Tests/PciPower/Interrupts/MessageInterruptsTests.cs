namespace VfioPm.Tests;

/// <summary>Message interrupts as a driver of the host gets them, and the registers that hold them (<c>drivers/pci/msi/</c>).</summary>
public sealed class MessageInterruptsTests : IDisposable
{
    private const int TableSize = 5;
    private const int Restored = 4;
    private const ushort Masked = 1;

    private readonly SimulatedHost _host = new(KernelProfile.Linux7_3);

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(8, 3)]
    public void msi_capability_init_enables_as_many_messages_as_a_power_of_two_and_masks_all(int count, int logarithm)
    {
        PciDevice card = WithMsi();

        PciMsi.Allocate(card, MessageKind.Msi, count).Should().Be(count);

        uint control = card.Hardware.ReadConfig(Msi(card) + MsiRegisters.MessageControl, 2);
        ((control & MsiRegisters.MultipleEnable) >> 4).Should().Be((uint)logarithm);
        (control & MsiRegisters.Enable).Should().Be(MsiRegisters.Enable);
        MaskOf(card).Should().Be(0xff, "it has eight");
        IsIntxOff(card).Should().BeTrue();
    }

    [Fact]
    public void A_vector_of_MSI_is_unmasked_while_somebody_listens_and_all_are_when_MSI_is_off()
    {
        PciDevice card = WithMsi();
        PciMsi.Allocate(card, MessageKind.Msi, 4);

        card.Messages.Request(0);
        card.Messages.Request(2);
        MaskOf(card).Should().Be(0xfa);
        card.Messages.Release(2);
        MaskOf(card).Should().Be(0xfe);

        card.Messages.Free();

        MaskOf(card).Should().Be(0);
        (card.Hardware.ReadConfig(Msi(card) + MsiRegisters.MessageControl, 2) & MsiRegisters.Enable).Should().Be(0);
        IsIntxOff(card).Should().BeFalse();
    }

    // pci_msi_update_mask(): the kernel writes what it remembers, and does not look what a guest wrote through vfio-pci.
    [Fact]
    public void Masks_of_MSI_that_somebody_wrote_are_over_when_the_kernel_masks_or_unmasks()
    {
        PciDevice card = WithMsi();
        PciMsi.Allocate(card, MessageKind.Msi, 4);
        card.Messages.Request(0);
        card.Hardware.WriteConfig(Msi(card) + 0x10, 4, 0x03);

        card.Messages.Request(1);

        MaskOf(card).Should().Be(0xfc);
    }

    // pci_msi_domain_write_msg(): the first vector has the message for all.
    [Fact]
    public void Of_several_vectors_of_MSI_the_first_has_the_message_and_goes_last()
    {
        PciDevice card = WithMsi();
        PciMsi.Allocate(card, MessageKind.Msi, 2);
        (uint Address, uint Upper, uint Data) message = MessageOf(card);
        message.Address.Should().NotBe(0);
        message.Upper.Should().Be(0);
        message.Data.Should().Be(0);
        card.Messages.Request(0);
        card.Messages.Request(1);

        card.Messages.Release(1);
        MessageOf(card).Should().Be(message);

        card.Messages.Release(0);
        MessageOf(card).Should().Be((0, 0, 0));
    }

    [Fact]
    public void msix_capability_init_masks_the_whole_table_and_gives_those_a_message_that_were_asked_for()
    {
        PciDevice card = WithMsiX();

        PciMsi.Allocate(card, MessageKind.MsiX, 3).Should().Be(3);

        ControlOf(card).Should().Be(MsiRegisters.MsiXEnable);
        MasksOf(card).Should().Equal(1, 1, 1, 1, 1);
        AddressesOf(card).Select(static address => address != 0).Should().Equal(true, true, true, false, false);
        AddressesOf(card).Take(3).Should().OnlyHaveUniqueItems("each has an entry of its own");
        IsIntxOff(card).Should().BeTrue();

        card.Messages.Request(1);
        MasksOf(card).Should().Equal(1, 0, 1, 1, 1);

        card.Messages.Release(1);
        MasksOf(card).Should().Equal(1, 1, 1, 1, 1);
        AddressesOf(card).Select(static address => address != 0).Should().Equal(true, false, true, false, false);
    }

    [Fact]
    public void pci_msix_shutdown_masks_the_table_and_lets_the_pin_speak_again()
    {
        PciDevice card = WithMsiX();
        PciMsi.Allocate(card, MessageKind.MsiX, 2);
        card.Messages.Request(0);
        card.Messages.Request(1);
        uint address = AddressesOf(card)[0];

        card.Messages.Free();

        ControlOf(card).Should().Be(0);
        IsIntxOff(card).Should().BeFalse();
        card.Hardware.WriteConfig(MsiX(card) + MsiRegisters.MessageControl, 2, MsiRegisters.MsiXEnable);
        MasksOf(card).Should().Equal(1, 1, 1, 1, 1);
        card.Messages.Count.Should().Be(0);
        PciMsi.Allocate(card, MessageKind.MsiX, 1).Should().Be(1, "the entries are free again");
        AddressesOf(card)[0].Should().Be(address);
    }

    // pci_restore_msi_state(), after a reset that took table and control.
    [Theory]
    [InlineData(MessageKind.Msi)]
    [InlineData(MessageKind.MsiX)]
    public void pci_restore_msi_state_gives_back_messages_and_masks_and_leaves_COMMAND_as_it_was(object kind)
    {
        PciDevice card = (MessageKind)kind == MessageKind.Msi ? WithMsi() : WithMsiX();
        PciMsi.Allocate(card, (MessageKind)kind, Restored).Should().Be(Restored);
        card.Messages.Request(1);
        byte[] before = RegistersOf(card);
        card.Hardware.SetPower(false);
        card.Hardware.SetPower(true);
        RegistersOf(card).Should().NotEqual(before);
        card.Hardware.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandMaster);

        card.Messages.Restore();

        card.Hardware.ReadConfig(PciRegisters.Command, 2)
            .Should().Be(PciRegisters.CommandMaster | PciRegisters.CommandInterruptDisable, "memory is decoded meanwhile only");
        card.Hardware.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandMaster | PciRegisters.CommandMemory);
        RegistersOf(card).Should().Equal(before);
    }

    [Fact]
    public void Nothing_is_given_out_of_D0_or_while_there_is_some_or_of_what_there_is_not()
    {
        PciDevice card = WithMsiX();
        PciMsi.Allocate(card, MessageKind.MsiX, 0).Should().Be(-Errno.ERANGE);
        ControlOf(card).Should().Be(0, "nothing was set up");
        PciMsi.Allocate(card, MessageKind.MsiX, 1).Should().Be(1);
        PciMsi.Allocate(card, MessageKind.MsiX, 1).Should().Be(-Errno.EINVAL);
        card.Messages.Free();
        ScriptedDriver.Do(card, static device => PciPm.SetPowerState(device, PowerState.D3Hot)).Should().Succeed();
        PciMsi.Allocate(card, MessageKind.MsiX, 1).Should().Be(-Errno.EINVAL);

        PciDevice without = Enabled(_host.AddEndpoint("0000:00:06.0", DeviceImages.E1000E.WithoutCapability(CapabilityId.MsiX)));
        PciMsi.Allocate(without, MessageKind.MsiX, 1).Should().Be(-Errno.EINVAL);
    }

    [Fact]
    public void A_message_interrupts_the_driver_while_it_listens()
    {
        PciDevice card = WithMsiX();
        var driver = new Listening();
        _host.Drivers.Register(driver);
        card.Bind(driver);
        PciMsi.Allocate(card, MessageKind.MsiX, 3);
        card.Messages.Request(0);
        card.Messages.Request(2);

        Enumerable.Range(0, 4).Select(card.Hardware.SendMessage).Should().Equal(true, false, true, false);
        driver.Heard.Should().Equal(0, 2);

        card.Messages.Release(2);
        card.Hardware.SendMessage(2).Should().BeFalse();
        driver.Heard.Should().Equal(0, 2);
    }

    // A function that the kernel has given up may be another by now.
    [Fact]
    public void pci_msix_shutdown_leaves_a_function_alone_that_is_gone()
    {
        PciDevice card = WithMsiX();
        PciMsi.Allocate(card, MessageKind.MsiX, 1);
        card.Messages.Request(0);
        uint[] masks = MasksOf(card);
        card.IsDisconnected = true;

        card.Messages.Free();

        MasksOf(card).Should().Equal(masks);
        ControlOf(card).Should().Be(MsiRegisters.MsiXEnable);
        card.Messages.Kind.Should().Be(MessageKind.None);
    }

    // irq_matrix and the remapping table: several messages of MSI begin at a multiple of their number.
    [Fact]
    public void Entries_are_taken_where_they_are_free_together_and_given_back()
    {
        var handles = new MessageHandles();
        int first = handles.Allocate(1);
        handles.Allocate(4).Should().Be(first + 4);
        handles.Allocate(2).Should().Be(first + 2);
        handles.Allocate(1).Should().Be(first + 1);
        handles.Allocate(3).Should().Be(first + 8);
        handles.Allocate(1).Should().Be(first + 11, "three of four are taken");

        handles.Free(first + 2);
        handles.Allocate(2).Should().Be(first + 12);
        handles.Allocate(1).Should().Be(first + 2);
    }

    private static int Msi(PciDevice card) => card.Hardware.Capabilities.Find(CapabilityId.Msi)!.Value.Offset;

    private static int MsiX(PciDevice card) => card.Hardware.Capabilities.Find(CapabilityId.MsiX)!.Value.Offset;

    private static uint MaskOf(PciDevice card) => card.Hardware.ReadConfig(Msi(card) + 0x10, 4);

    private static (uint Address, uint Upper, uint Data) MessageOf(PciDevice card) => (
        card.Hardware.ReadConfig(Msi(card) + MsiRegisters.Address, 4),
        card.Hardware.ReadConfig(Msi(card) + MsiRegisters.UpperAddress, 4),
        card.Hardware.ReadConfig(Msi(card) + 0x0c, 2));

    private static uint ControlOf(PciDevice card) => card.Hardware.ReadConfig(MsiX(card) + MsiRegisters.MessageControl, 2)
        & ~(uint)MsiRegisters.MsiXTableSize;

    private static uint Entry(PciDevice card, int vector, int register)
    {
        uint table = card.Hardware.ReadConfig(MsiX(card) + MsiRegisters.MsiXTable, 4);
        return (uint)card.Hardware.ReadMapped(
            (int)(table & MsiRegisters.MsiXTableBar), (table & ~MsiRegisters.MsiXTableBar) + (vector * MsiRegisters.MsiXEntrySize) + register, 4);
    }

    private static uint[] MasksOf(PciDevice card) =>
        [.. Enumerable.Range(0, TableSize).Select(vector => Entry(card, vector, MsiRegisters.MsiXEntryControl) & Masked)];

    private static uint[] AddressesOf(PciDevice card) => [.. Enumerable.Range(0, TableSize).Select(vector => Entry(card, vector, 0))];

    private static bool IsIntxOff(PciDevice card) =>
        card.Hardware.Configuration.Has(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);

    /// <summary>The capability, and of MSI-X the entries that are in use.</summary>
    private static byte[] RegistersOf(PciDevice card)
    {
        int capability = card.Hardware.Capabilities.Find(CapabilityId.MsiX)?.Offset ?? Msi(card);
        List<byte> bytes = [];
        for (int offset = capability; offset < capability + 0x14; offset += 4)
        {
            bytes.AddRange(BitConverter.GetBytes(card.Hardware.ReadConfig(offset, 4)));
        }

        if (card.Hardware.Capabilities.Find(CapabilityId.MsiX) is not null)
        {
            for (int register = 0; register < Restored * MsiRegisters.MsiXEntrySize; register += 4)
            {
                bytes.AddRange(BitConverter.GetBytes(Entry(card, 0, register)));
            }
        }

        return [.. bytes];
    }

    private static PciDevice Enabled(PciDevice card)
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

    /// <summary>A card with MSI alone: 64 bits, 8 messages, and a mask for each.</summary>
    private PciDevice WithMsi()
    {
        byte[] bytes = [.. DeviceImages.E1000E
            .WithoutCapability(CapabilityId.MsiX)
            .WithoutCapability(CapabilityId.Msi)
            .WithStandard(CapabilityId.Msi).Bytes.Span];
        bytes[CapabilityImages.Standard + MsiRegisters.MessageControl] = 0x86;
        bytes[CapabilityImages.Standard + MsiRegisters.MessageControl + 1] = 0x01;
        return Enabled(_host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithBytes(bytes)));
    }

    private PciDevice WithMsiX() => Enabled(_host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E));

    private sealed class Listening : PciDriver
    {
        public override string Name => "nic";

        public List<int> Heard { get; } = [];

        protected internal override async KernelCall<int> Probe(PciDevice device)
        {
            int result = await PciPm.Enable(device);
            await PciPm.SetMaster(device);
            return result;
        }

        internal override void OnMessageInterrupt(PciDevice device, int vector) => Heard.Add(vector);
    }
}
