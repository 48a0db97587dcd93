namespace VfioPm.Tests;

/// <summary>What <c>/sys/bus/pci/slots</c> has (<c>pci_hotplug_core.c</c>, <c>drivers/pci/slot.c</c>).</summary>
public sealed class SlotAttributesTests
{
    private const string Power = "slots/1/power";

    // simple_strtoul(): only digits count, of the number only a byte, and what is none is 0.
    [Theory]
    [InlineData("1x", -(int)Errno.ENODEV)]
    [InlineData("257", -(int)Errno.ENODEV)]
    [InlineData("2", -(int)Errno.EINVAL)]
    [InlineData("x", 0)]
    [InlineData("-1", 0)]
    [InlineData("256", 0)]
    public void power_write_file_reads_a_number_as_C_does(string text, int expected)
    {
        using SimulatedHost host = CardInSlot.Make("linux-6.1", out _, out _);
        host.Topology.Sysfs.Write(Power, text).Value.Should().Be(expected);
        host.Topology.Sysfs.Read(Power).Text.Should().Be(expected == 0 ? "0" : "1");
    }

    // power_read_file() and presence_read_file() hold the port awake no longer than they look.
    [Theory]
    [InlineData("slots/1/power")]
    [InlineData("slots/1/adapter")]
    public void Who_reads_a_slot_wakes_its_port_and_lets_it_sleep_again(string attribute)
    {
        using SimulatedHost host = CardInSlot.MakeAsleep("linux-6.12", out PciDevice port, out _, PowerState.D3Hot);

        host.Topology.Sysfs.Read(attribute).Text.Should().Be("1");

        port.UsageCount.Should().Be(0);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Hot);
    }

    [Fact]
    public void make_slot_name_numbers_the_slots_of_one_number()
    {
        using SimulatedHost host = CardInSlot.Make("linux-6.1", out PciDevice port, out PciDevice card);
        PciDevice other = host.AddRootPort("0000:00:04.0", setup => setup.WithImage(DeviceImages.RootPort.WithHotplugSlot()));
        port.SlotName.Should().Be("1");
        other.SlotName.Should().Be("1-1");
        card.SlotName.Should().BeNull();
        host.Topology.Sysfs.Read($"slots/{other.SlotName}/adapter").Text.Should().Be("0");
    }
}
