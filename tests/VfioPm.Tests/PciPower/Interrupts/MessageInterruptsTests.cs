namespace VfioPm.Tests;

/// <summary>Message interrupts as a driver of the host gets them, and the registers that hold them (<c>drivers/pci/msi/</c>).</summary>
public sealed class MessageInterruptsTests : IDisposable
{
    private const int Restored = 4;

    private readonly SimulatedHost _host = new(KernelProfile.Linux7_3);

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(8, 3)]
    public void msi_capability_init_enables_as_many_messages_as_a_power_of_two_and_masks_all(int count, int logarithm)
    {
        PciDevice card = MessageCard.WithMsi(_host);

        PciMsi.Allocate(card, MessageKind.Msi, count).Should().Be(count);

        uint control = card.Hardware.ReadConfig(MessageCard.Msi(card) + MsiRegisters.MessageControl, 2);
        ((control & MsiRegisters.MultipleEnable) >> 4).Should().Be((uint)logarithm);
        (control & MsiRegisters.Enable).Should().Be(MsiRegisters.Enable);
        MessageCard.MaskOf(card).Should().Be(0xff, "it has eight");
        MessageCard.IsIntxOff(card).Should().BeTrue();
    }

    [Fact]
    public void A_vector_of_MSI_is_unmasked_while_somebody_listens_and_all_are_when_MSI_is_off()
    {
        PciDevice card = MessageCard.WithMsi(_host);
        PciMsi.Allocate(card, MessageKind.Msi, 4);

        card.Messages.Request(0);
        card.Messages.Request(2);
        MessageCard.MaskOf(card).Should().Be(0xfa);
        card.Messages.Release(2);
        MessageCard.MaskOf(card).Should().Be(0xfe);

        card.Messages.Free();

        MessageCard.MaskOf(card).Should().Be(0);
        (card.Hardware.ReadConfig(MessageCard.Msi(card) + MsiRegisters.MessageControl, 2) & MsiRegisters.Enable).Should().Be(0);
        MessageCard.IsIntxOff(card).Should().BeFalse();
    }

    // pci_msi_update_mask(): the kernel writes what it remembers, and does not look what a guest wrote through vfio-pci.
    [Fact]
    public void Masks_of_MSI_that_somebody_wrote_are_over_when_the_kernel_masks_or_unmasks()
    {
        PciDevice card = MessageCard.WithMsi(_host);
        PciMsi.Allocate(card, MessageKind.Msi, 4);
        card.Messages.Request(0);
        card.Hardware.WriteConfig(MessageCard.Msi(card) + 0x10, 4, 0x03);

        card.Messages.Request(1);

        MessageCard.MaskOf(card).Should().Be(0xfc);
    }

    // pci_msi_domain_write_msg(): the first vector has the message for all.
    [Fact]
    public void Of_several_vectors_of_MSI_the_first_has_the_message_and_goes_last()
    {
        PciDevice card = MessageCard.WithMsi(_host);
        PciMsi.Allocate(card, MessageKind.Msi, 2);
        (uint Address, uint Upper, uint Data) message = MessageCard.MessageOf(card);
        message.Address.Should().NotBe(0);
        message.Upper.Should().Be(0);
        message.Data.Should().Be(0);
        card.Messages.Request(0);
        card.Messages.Request(1);

        card.Messages.Release(1);
        MessageCard.MessageOf(card).Should().Be(message);

        card.Messages.Release(0);
        MessageCard.MessageOf(card).Should().Be((0, 0, 0));
    }

    [Fact]
    public void msix_capability_init_masks_the_whole_table_and_gives_those_a_message_that_were_asked_for()
    {
        PciDevice card = MessageCard.WithMsiX(_host);

        PciMsi.Allocate(card, MessageKind.MsiX, 3).Should().Be(3);

        MessageCard.ControlOf(card).Should().Be(MsiRegisters.MsiXEnable);
        MessageCard.MasksOf(card).Should().Equal(1, 1, 1, 1, 1);
        MessageCard.AddressesOf(card).Select(static address => address != 0).Should().Equal(true, true, true, false, false);
        MessageCard.AddressesOf(card).Take(3).Should().OnlyHaveUniqueItems("each has an entry of its own");
        MessageCard.IsIntxOff(card).Should().BeTrue();

        card.Messages.Request(1);
        MessageCard.MasksOf(card).Should().Equal(1, 0, 1, 1, 1);

        card.Messages.Release(1);
        MessageCard.MasksOf(card).Should().Equal(1, 1, 1, 1, 1);
        MessageCard.AddressesOf(card).Select(static address => address != 0).Should().Equal(true, false, true, false, false);
    }

    [Fact]
    public void pci_msix_shutdown_masks_the_table_and_lets_the_pin_speak_again()
    {
        PciDevice card = MessageCard.WithMsiX(_host);
        PciMsi.Allocate(card, MessageKind.MsiX, 2);
        card.Messages.Request(0);
        card.Messages.Request(1);
        uint address = MessageCard.AddressesOf(card)[0];

        card.Messages.Free();

        MessageCard.ControlOf(card).Should().Be(0);
        MessageCard.IsIntxOff(card).Should().BeFalse();
        card.Hardware.WriteConfig(MessageCard.MsiX(card) + MsiRegisters.MessageControl, 2, MsiRegisters.MsiXEnable);
        MessageCard.MasksOf(card).Should().Equal(1, 1, 1, 1, 1);
        card.Messages.Count.Should().Be(0);
        PciMsi.Allocate(card, MessageKind.MsiX, 1).Should().Be(1, "the entries are free again");
        MessageCard.AddressesOf(card)[0].Should().Be(address);
    }

    // vfio_msi_set_vector_signal() and irq_activate(): a reset that the kernel did not see may have taken the table.
    [Fact]
    public void Who_begins_to_listen_has_the_message_written_anew()
    {
        PciDevice card = MessageCard.WithMsiX(_host);
        PciMsi.Allocate(card, MessageKind.MsiX, 2);
        uint address = MessageCard.AddressesOf(card)[1];
        MessageCard.Write(card, 1, 0, 0);

        card.Messages.Request(1);

        MessageCard.AddressesOf(card)[1].Should().Be(address);
    }

    // The message of a later vector is the first one's with its number in the data.
    [Fact]
    public void Each_of_several_vectors_of_MSI_interrupts_its_own_listener()
    {
        PciDevice card = MessageCard.WithMsi(_host);
        var driver = new Listening();
        _host.Drivers.Register(driver);
        card.Bind(driver);
        PciMsi.Allocate(card, MessageKind.Msi, 4).Should().Be(4);
        card.Messages.Request(1);
        card.Messages.Request(3);

        Enumerable.Range(0, 4).Select(card.Hardware.SendMessage).Should().Equal(false, true, false, true);

        driver.Heard.Should().Equal(1, 3);
    }

    [Fact]
    public void A_fork_allows_no_more_than_its_original()
    {
        PciDevice card = MessageCard.WithMsiX(_host);
        card.Sysfs.Write("msi_bus", "0").Should().Succeed();

        using SimulatedHost fork = _host.Fork();

        fork[card.Name].Sysfs.Read("msi_bus").Text.Should().Be("0");
    }

    // pci_restore_msi_state(), after a reset that took table and control.
    [Theory]
    [InlineData(MessageKind.Msi)]
    [InlineData(MessageKind.MsiX)]
    public void pci_restore_msi_state_gives_back_messages_and_masks_and_leaves_COMMAND_as_it_was(object kind)
    {
        PciDevice card = (MessageKind)kind == MessageKind.Msi ? MessageCard.WithMsi(_host) : MessageCard.WithMsiX(_host);
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
        PciDevice card = MessageCard.WithMsiX(_host);
        PciMsi.Allocate(card, MessageKind.MsiX, 0).Should().Be(-Errno.ERANGE);
        MessageCard.ControlOf(card).Should().Be(0, "nothing was set up");
        PciMsi.Allocate(card, MessageKind.MsiX, 1).Should().Be(1);
        PciMsi.Allocate(card, MessageKind.MsiX, 1).Should().Be(-Errno.EINVAL);
        card.Messages.Free();
        ScriptedDriver.Do(card, static device => PciPm.SetPowerState(device, PowerState.D3Hot)).Should().Succeed();
        PciMsi.Allocate(card, MessageKind.MsiX, 1).Should().Be(-Errno.EINVAL);

        PciDevice without = MessageCard.Enabled(_host.AddEndpoint("0000:00:06.0", DeviceImages.E1000E.WithoutCapability(CapabilityId.MsiX)));
        PciMsi.Allocate(without, MessageKind.MsiX, 1).Should().Be(-Errno.EINVAL);
    }

    [Fact]
    public void A_message_interrupts_the_driver_while_it_listens()
    {
        PciDevice card = MessageCard.WithMsiX(_host);
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
        PciDevice card = MessageCard.WithMsiX(_host);
        PciMsi.Allocate(card, MessageKind.MsiX, 1);
        card.Messages.Request(0);
        uint[] masks = MessageCard.MasksOf(card);
        card.IsDisconnected = true;

        card.Messages.Free();

        MessageCard.MasksOf(card).Should().Equal(masks);
        MessageCard.ControlOf(card).Should().Be(MsiRegisters.MsiXEnable);
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

    /// <summary>The capability, and of MSI-X the entries that are in use.</summary>
    private static byte[] RegistersOf(PciDevice card)
    {
        int capability = card.Hardware.Capabilities.Find(CapabilityId.MsiX)?.Offset ?? MessageCard.Msi(card);
        List<byte> bytes = [];
        for (int offset = capability; offset < capability + 0x14; offset += 4)
        {
            bytes.AddRange(BitConverter.GetBytes(card.Hardware.ReadConfig(offset, 4)));
        }

        if (card.Hardware.Capabilities.Find(CapabilityId.MsiX) is not null)
        {
            for (int register = 0; register < Restored * MsiRegisters.MsiXEntrySize; register += 4)
            {
                bytes.AddRange(BitConverter.GetBytes(MessageCard.Entry(card, 0, register)));
            }
        }

        return [.. bytes];
    }

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
