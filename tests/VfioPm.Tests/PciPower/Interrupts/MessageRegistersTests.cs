namespace VfioPm.Tests;

/// <summary>What the kernel writes into the registers of MSI and the table of MSI-X (<c>__pci_write_msi_msg()</c>).</summary>
public sealed class MessageRegistersTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux7_3);

    public void Dispose() => _host.Dispose();

    // __pci_write_msi_msg() writes all of a message, whatever the firmware left there.
    [Fact]
    public void pci_write_msg_msi_writes_both_halves_of_the_address_and_the_data()
    {
        PciDevice card = MessageCard.WithMsi(_host);
        card.Hardware.WriteConfig(MessageCard.Msi(card) + MsiRegisters.UpperAddress, 4, 0xffff_ffff);
        card.Hardware.WriteConfig(MessageCard.Msi(card) + 0x0c, 2, 0xffff);

        PciMsi.Allocate(card, MessageKind.Msi, 2);

        MessageCard.MessageOf(card).Upper.Should().Be(0);
        MessageCard.MessageOf(card).Data.Should().Be(0);
    }

    // Without PCI_MSI_FLAGS_64BIT the data are where the upper half would be, and nothing is behind them.
    [Fact]
    public void pci_write_msg_msi_writes_no_upper_half_where_there_is_none()
    {
        PciDevice card = MessageCard.WithMsi(_host, 0x0006, (0x0c, 4, uint.MaxValue), (0x10, 4, uint.MaxValue));
        card.Hardware.WriteConfig(MessageCard.Msi(card) + 0x08, 2, 0x1234);
        card.Hardware.WriteConfig(MessageCard.Msi(card) + 0x0c, 4, 0x1234_5678);
        card.Hardware.WriteConfig(MessageCard.Msi(card) + 0x10, 4, 0x1234_5678);

        PciMsi.Allocate(card, MessageKind.Msi, 2);

        (card.Hardware.ReadConfig(MessageCard.Msi(card) + MsiRegisters.Address, 4) & 0xfff0_0000).Should().Be(0xfee0_0000);
        card.Hardware.ReadConfig(MessageCard.Msi(card) + 0x08, 2).Should().Be(0);
        card.Hardware.ReadConfig(MessageCard.Msi(card) + 0x0c, 4).Should().Be(0x1234_5678, "it has no masks");
        card.Hardware.ReadConfig(MessageCard.Msi(card) + 0x10, 4).Should().Be(0x1234_5678);
    }

    [Fact]
    public void msi_multi_mask_of_32_messages_is_all_of_the_register()
    {
        PciDevice card = MessageCard.WithMsi(_host, 0x018a);

        PciMsi.Allocate(card, MessageKind.Msi, 1);

        MessageCard.MaskOf(card).Should().Be(0xffff_ffff);
    }

    [Fact]
    public void pci_write_msg_msix_writes_all_of_the_entry_and_none_behind_the_table()
    {
        PciDevice card = MessageCard.WithMsiX(_host);
        for (int vector = 0; vector < MessageCard.TableSize; vector++)
        {
            MessageCard.Write(card, vector, MsiRegisters.Address, 0xffff_ffff);
            MessageCard.Write(card, vector, MsiRegisters.MsiXEntryData, 0xffff_ffff);
        }

        PciMsi.Allocate(card, MessageKind.MsiX, MessageCard.TableSize).Should().Be(MessageCard.TableSize);

        for (int vector = 0; vector < MessageCard.TableSize; vector++)
        {
            MessageCard.Entry(card, vector, 4).Should().Be(0);
            MessageCard.Entry(card, vector, MsiRegisters.MsiXEntryData).Should().Be(0, "it says nothing where interrupts are remapped");
        }

        MessageCard.Entry(card, MessageCard.TableSize, MsiRegisters.MsiXEntryControl).Should().Be(0);
        card.Messages.Free();
        MessageCard.Entry(card, MessageCard.TableSize, MsiRegisters.MsiXEntryControl).Should().Be(0);
        MessageCard.AddressesOf(card).Should().OnlyContain(static address => address == 0, "msi_domain_deactivate()");
    }

    // __pci_write_msi_msg(): "don't touch the hardware now".
    [Fact]
    public void pci_write_msi_msg_leaves_a_function_alone_out_of_D0_and_one_that_is_gone()
    {
        PciDevice card = MessageCard.WithMsi(_host);
        PciMsi.Allocate(card, MessageKind.Msi, 1);
        card.Messages.Request(0);
        (uint, uint, uint) message = MessageCard.MessageOf(card);

        ScriptedDriver.Do(card, static device => PciPm.SetPowerState(device, PowerState.D3Hot)).Should().Succeed();
        card.Messages.Release(0);
        MessageCard.MessageOf(card).Should().Be(message);

        ScriptedDriver.Do(card, static device => PciPm.SetPowerState(device, PowerState.D0)).Should().Succeed();
        card.Messages.Request(0);
        message = MessageCard.MessageOf(card);
        message.Item1.Should().NotBe(0);
        card.IsDisconnected = true;
        card.Messages.Release(0);
        MessageCard.MessageOf(card).Should().Be(message);
    }
}
