using VfioPm.AnyCalls;

namespace VfioPm.Tests.Pci;

/// <summary>A capability that begins right before the end of configuration space: what is behind the end is not there, and reads as ones.</summary>
public class CutCapabilityImageTests
{
    private const int Last = PciRegisters.ConventionalSize - 4;

    private static readonly byte[] Zeros = new byte[PciRegisters.ConventionalSize];

    private static readonly DeviceImage Card = CutCapabilities.Conventional(DeviceImages.E1000E);

    // pci_init_capabilities() reads Device Capabilities where they would be: all ones, Function Level Reset among them.
    [Fact]
    public void The_kernel_takes_registers_of_PCI_Express_behind_the_end_for_ones()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);

        PciDevice card = host.AddEndpoint("0000:00:05.0", Card.WithStandardAt(CapabilityId.Express, Last, Zeros));

        card.Sysfs.Read("reset_method").Text.Should().StartWith("flr");
        card.Sysfs.Read("max_link_speed").Text.Should().Be("Unknown");
    }

    [Fact]
    public void A_port_without_room_for_the_registers_of_a_slot_has_none()
    {
        byte[] hasSlot = [0x42, 0x01, .. Zeros];
        PciFunction port = PciFunction.Standalone(
            CutCapabilities.Conventional(DeviceImages.RootPort).WithStandardAt(CapabilityId.Express, Last, hasSlot));

        FluentActions.Invoking(port.PressAttentionButton).Should().Throw<InvalidOperationException>().WithMessage("*no slot*");
        port.PullCard();
    }

    [Fact]
    public void A_function_sends_no_message_that_it_has_no_registers_for()
    {
        byte[] enabled = [0x01, 0x00, .. Zeros];
        PciFunction card = PciFunction.Standalone(Card.WithStandardAt(CapabilityId.Msi, Last, enabled));
        card.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandMaster);

        card.SendMessage(0).Should().BeFalse();
    }

    [Fact]
    public void Software_that_asks_for_vital_product_data_where_they_are_cut_gets_no_answer()
    {
        PciFunction card = PciFunction.Standalone(
            Card.WithStandardAt(CapabilityId.VitalProductData, Last, Zeros).WithVitalProductData([0x78]));

        card.WriteConfig(Last + VpdRegisters.Address, 2, 0);

        card.ReadConfig(Last + VpdRegisters.Address, 2).Should().Be(0);
        card.ReadConfig(Last + VpdRegisters.Data, 4).Should().Be(uint.MaxValue);
    }

    [Fact]
    public void An_image_is_not_changed_where_it_has_no_registers()
    {
        DeviceImage express = Card.WithStandardAt(CapabilityId.Express, Last, Zeros);
        DeviceImage port = CutCapabilities.Conventional(DeviceImages.RootPort).WithStandardAt(CapabilityId.Express, Last, [0x42, 0x00, .. Zeros]);
        DeviceImage power = Card.WithStandardAt(CapabilityId.PowerManagement, Last, Zeros);
        Action[] changes =
        [
            () => express.WithLink(1, reportsActive: true),
            () => port.WithHotplugSlot(),
            () => port.WithRetryVisibility(),
            () => power.WithPowerManagement(0x7e03),
        ];

        changes.Should().AllSatisfy(static change =>
            change.Should().Throw<InvalidOperationException>().WithMessage("*configuration space ends before*"));
    }

    [Fact]
    public void A_virtual_function_may_be_made_from_an_image_whose_power_management_is_cut()
    {
        DeviceImage image = DeviceImages.SriovNvme.WithVirtualFunctions(Card.WithStandardAt(CapabilityId.PowerManagement, Last, Zeros));
        using var host = new SimulatedHost(KernelProfile.Linux6_12);

        PciDevice card = host.AddEndpoint("0000:00:05.0", image);

        card.Hardware.VirtualFunctions.Should().NotBeEmpty();
        card.Hardware.VirtualFunctions[0].Pm.Should().BeNull();
    }
}
