namespace VfioPm.Tests;

/// <summary>Which pin leads to which line (<c>pci_swizzle_interrupt_pin()</c>, <c>acpi_pci_irq_lookup()</c>), and who uses it.</summary>
public sealed class InterruptLinesTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12);

    public void Dispose() => _host.Dispose();

    // Below a bridge pin and number are added: A of device 1 is B of device 0. Three bridges deep, too.
    [Fact]
    public void pci_swizzle_interrupt_pin_turns_pins_by_the_devices_number()
    {
        PciDevice port = _host.AddRootPort("0000:00:03.0");
        InterruptLine[] lines = [.. Enumerable.Range(1, 4).Select(pin => Add(port, $"0000:01:00.{pin}", pin).InterruptLine!)];
        lines.Should().OnlyHaveUniqueItems();
        for (int device = 1; device < 6; device++)
        {
            for (int pin = 1; pin <= 4; pin++)
            {
                Add(port, $"0000:01:{device:x2}.{pin}", pin).InterruptLine.Should().BeSameAs(lines[(pin - 1 + device) % 4]);
            }
        }
    }

    [Fact]
    public void pci_swizzle_interrupt_pin_turns_them_at_each_bridge()
    {
        PciDevice port = _host.AddRootPort("0000:00:03.0");
        PciDevice upstream = port.AddUpstreamPort("0000:01:00.0");
        PciDevice third = upstream.AddDownstreamPort("0000:02:03.0");
        PciDevice second = upstream.AddDownstreamPort("0000:02:02.0");

        InterruptLine line = Add(third, "0000:03:00.0", 1).InterruptLine!;

        Add(second, "0000:04:00.0", 2).InterruptLine.Should().BeSameAs(line);
        Add(second, "0000:04:01.0", 1).InterruptLine.Should().BeSameAs(line);
        Add(second, "0000:04:02.0", 1).InterruptLine.Should().NotBeSameAs(line);
    }

    [Fact]
    public void On_a_root_bus_each_pin_of_each_slot_has_its_own_above_the_firmwares_and_no_pin_has_none()
    {
        PciDevice told = _host.AddEndpoint("0000:00:04.0", Pin(1), setup => setup.WithInterruptLine(30));
        PciDevice first = _host.AddEndpoint("0000:00:05.0", Pin(1));
        PciDevice second = _host.AddEndpoint("0000:00:05.1", Pin(2));
        PciDevice same = _host.AddEndpoint("0000:00:05.2", Pin(1));
        PciDevice low = _host.AddEndpoint("0000:00:06.0", Pin(1), setup => setup.WithInterruptLine(20));
        PciDevice next = _host.AddEndpoint("0000:00:07.0", Pin(1));

        int[] numbers = [.. new[] { told, first, second, same, low, next }.Select(static nic => nic.InterruptLine!.Number)];
        numbers.Should().Equal(30, 31, 32, 31, 20, 33);
        _host.AddEndpoint("0000:00:08.0", Pin(0)).InterruptLine.Should().BeNull();
    }

    // acpi_pci_irq_enable() takes an entry of the remapping table for the first who uses a line, and gives it back after the last.
    [Fact]
    public void A_line_has_an_entry_of_the_table_while_a_function_that_uses_it_is_enabled()
    {
        PciDevice first = _host.AddEndpoint("0000:00:05.0", Pin(1), setup => setup.WithInterruptLine(30));
        PciDevice second = _host.AddEndpoint("0000:00:06.0", Pin(1), setup => setup.WithInterruptLine(30));
        int free = NextEntry();

        Enable(first);
        NextEntry().Should().Be(free + 1);
        Enable(second);
        Enable(first);
        NextEntry().Should().Be(free + 1, "they share the line");
        Disable(first);
        Disable(second);
        NextEntry().Should().Be(free + 1, "the first is still enabled");
        Disable(first);
        NextEntry().Should().Be(free);
    }

    // acpi_pci_irq_disable() and acpi_pci_irq_enable() are not for who has messages (pcibios_enable_device(), pcibios_disable_device()).
    [Fact]
    public void A_line_is_not_given_back_by_who_has_messages_nor_twice()
    {
        PciDevice card = _host.AddEndpoint("0000:00:05.0", Pin(1), setup => setup.WithInterruptLine(30));
        int free = NextEntry();
        Enable(card);
        PciMsi.Allocate(card, MessageKind.Msi, 1).Should().Be(1);
        Disable(card);
        card.Messages.Free();
        NextEntry().Should().Be(free + 1, "it had messages when it was disabled");
        Enable(card);
        Disable(card);
        NextEntry().Should().Be(free);

        PciMsi.Allocate(card, MessageKind.Msi, 1).Should().Be(1);
        Enable(card);
        card.Messages.Free();
        Disable(card);
        Enable(card);
        NextEntry().Should().Be(free + 1, "it uses the line now");
        Disable(card);
        Enable(card);
        NextEntry().Should().Be(free + 1);
    }

    // pci_disable_enabled_device() of a function whose driver has no callbacks, and pci_pm_reenable_device().
    [Fact]
    public void A_line_is_given_back_while_the_machine_sleeps_by_who_is_enabled_all_the_same()
    {
        PciDevice card = _host.AddEndpoint("0000:00:05.0", Pin(1), setup => setup.WithInterruptLine(30));
        int free = NextEntry();
        _host.Drivers.Register(new ScriptedDriver { WithoutPm = true, OnProbe = static device => PciPm.Enable(device) });
        card.Bind(_host.Drivers["nic"]);
        NextEntry().Should().Be(free + 1);

        PendingCall sleep = _host.SystemSleep.BeginSuspend(SystemSleepState.S2Idle, TimeSpan.FromHours(8));
        _host.Clock.Advance(TimeSpan.FromSeconds(1));
        _host.SystemSleep.IsAsleep.Should().BeTrue();
        card.EnableCount.Should().Be(1);
        NextEntry().Should().Be(free);

        _host.Clock.AdvanceUntil(() => sleep.IsCompleted, TimeSpan.FromHours(8)).Should().BeTrue();
        NextEntry().Should().Be(free + 1);
    }

    // A _PRT has a row for each pin of a slot.
    [Fact]
    public void On_a_root_bus_the_firmware_says_it_of_the_functions_own_pin()
    {
        PciDevice second = _host.AddEndpoint("0000:00:05.1", Pin(2), setup => setup.WithInterruptLine(40));
        PciDevice first = _host.AddEndpoint("0000:00:05.0", Pin(1));

        second.InterruptLine!.Number.Should().Be(40);
        first.InterruptLine!.Number.Should().Be(41);
    }

    [Fact]
    public void Below_a_bridge_it_is_what_the_firmware_says_or_else_one_of_the_bridges_own()
    {
        PciDevice port = _host.AddRootPort("0000:00:03.0", static setup => setup.WithInterruptLine(16));
        PciDevice told = port.AddEndpoint("0000:01:00.0", setup: static setup => setup.WithInterruptLine(17));
        PciDevice untold = _host.AddRootPort("0000:00:04.0", static setup => setup.WithInterruptLine(18)).AddEndpoint("0000:02:00.0");

        told.InterruptLine!.Number.Should().Be(17);
        untold.InterruptLine!.Number.Should().Be(18);
        _host.Fork()["0000:01:00.0"].InterruptLine!.Number.Should().Be(17);
    }

    private static DeviceImage Pin(int pin)
    {
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        bytes[PciRegisters.InterruptPin] = (byte)pin;
        return DeviceImages.E1000E.WithBytes(bytes);
    }

    private static PciDevice Add(PciDevice bridge, string address, int pin) => bridge.AddEndpoint(address, Pin(pin));

    private static void Enable(PciDevice device) => ScriptedDriver.Do(device, static function => PciPm.Enable(function)).Should().Succeed();

    private static void Disable(PciDevice device) => ScriptedDriver.Do(device, static async function =>
    {
        await PciPm.Disable(function);
        return 0;
    }).Should().Succeed();

    /// <summary>The entry that the next would get.</summary>
    private int NextEntry()
    {
        using SimulatedHost later = _host.Fork();
        return ((IPciBus)later.Topology).MessageHandles.Allocate(1);
    }
}
