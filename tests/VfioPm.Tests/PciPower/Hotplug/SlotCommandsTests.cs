using System.Buffers.Binary;

namespace VfioPm.Tests;

/// <summary>A slot's interrupts while its port sleeps (<c>pciehp_runtime_suspend()</c>, <c>pciehp_runtime_resume()</c>).</summary>
public sealed class SlotCommandsTests : IDisposable
{
    private const int SlotControlRegister = 0x18;
    private const int Interrupts = 0x1020;
    private const int CommandCompleted = 0x0010;

    private readonly SimulatedHost _host = new(KernelProfile.Linux6_1);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_interrupts_are_off_while_the_port_sleeps_and_on_again_when_it_is_awake()
    {
        PciDevice card = AddCard(PowerState.D3Hot);
        PciDevice port = card.Upstream!;
        Sleep(card);
        card.RuntimePm.GetSync();
        (SlotControlOf(port) & Interrupts).Should().Be(Interrupts);

        card.RuntimePm.PutSync();
        _host.Clock.Advance(TimeSpan.FromSeconds(2));

        port.PowerState.Should().Be(PowerState.D3Hot);
        (SlotControlOf(port) & Interrupts).Should().Be(0);
    }

    [Fact]
    public void The_worker_of_the_card_comes_where_the_command_takes_the_controllers_lock()
    {
        PciDevice card = AddCard(PowerState.D3Cold);
        Sleep(card);
        _host.Trace.Clear();

        card.RuntimePm.GetSync();

        // Who wakes the port gives way, and the worker that is to resume the card finds that it still does.
        List<string> lines = [.. _host.Trace.Entries.Where(static entry => entry.Kind == TraceKind.Rpm).Select(static entry => entry.Rpm.ToString())];
        lines.FindIndex(static line => line.StartsWith("rpm_resume 0000:01:00.0 flags-2", StringComparison.Ordinal))
            .Should().BeGreaterThan(0).And.BeLessThan(lines.IndexOf("rpm_return_int 0000:00:03.0 rpm_resume ret=0"));
    }

    /// <summary>Restoring Slot Control is a command, too, of which nobody is told in a slot that nobody serves.</summary>
    [Theory]
    [InlineData(0u, CommandCompleted)]
    [InlineData(ExpressRegisters.SlotCapabilitiesNoCommandCompleted, 0)]
    public void A_slot_says_that_a_command_was_carried_out_where_it_says_so_at_all(uint capabilities, int expected)
    {
        PciDevice port = _host.AddRootPort("0000:00:03.0", setup => setup.WithImage(WithSlot(capabilities)));
        int control = port.Express!.Offset + SlotControlRegister;

        port.Hardware.WriteConfig(control + 2, 2, 0);
        (StatusOf(port) & CommandCompleted).Should().Be(0, "that is Slot Status");
        port.Hardware.WriteConfig(control, 2, 0);

        (StatusOf(port) & CommandCompleted).Should().Be(expected);
    }

    // pcie_enable_notification(): presence alone where there is no button, and no Command Completed Interrupt where there is none (since 6.11).
    [Theory]
    [InlineData("linux-6.1", false, 0u, 0x1031)]
    [InlineData("linux-6.12", false, 0u, 0x1031)]
    [InlineData("linux-6.12", true, 0u, 0x1038)]
    [InlineData("linux-6.1", false, ExpressRegisters.SlotCapabilitiesNoCommandCompleted, 0x1031)]
    [InlineData("linux-6.12", false, ExpressRegisters.SlotCapabilitiesNoCommandCompleted, 0x1021)]
    public void pcie_enable_notification_wants_interrupts_of_what_the_slot_has(string profile, bool isBare, uint capabilities, int expected)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        DeviceImage image = DeviceImages.RootPort.WithHotplugSlot(isBare);
        byte[] bytes = image.Bytes.ToArray();
        Span<byte> slot = bytes.AsSpan(image.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.SlotCapabilities);
        BinaryPrimitives.WriteUInt32LittleEndian(slot, BinaryPrimitives.ReadUInt32LittleEndian(slot) | capabilities);

        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(image.WithBytes(bytes)));

        (SlotControlOf(port) & 0x103f).Should().Be(expected);
    }

    [Fact]
    public void Who_serves_a_slot_takes_note_that_a_command_was_carried_out()
    {
        PciDevice port = AddCard(PowerState.D3Hot).Upstream!;

        port.Hardware.WriteConfig(port.Express!.Offset + SlotControlRegister, 2, (uint)SlotControlOf(port));

        (StatusOf(port) & CommandCompleted).Should().Be(0);
    }

    private static int StatusOf(PciDevice port) => (int)port.Hardware.ReadConfig(port.Express!.Offset + SlotControlRegister + 2, 2);

    /// <summary>A port with a slot in which no card comes or goes while the machine runs.</summary>
    private static DeviceImage WithSlot(uint capabilities)
    {
        DeviceImage image = DeviceImages.RootPort;
        byte[] bytes = image.Bytes.ToArray();
        Span<byte> express = bytes.AsSpan(image.Capabilities.Find(CapabilityId.Express)!.Value.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(express[ExpressRegisters.SlotCapabilities..], capabilities);
        BinaryPrimitives.WriteUInt16LittleEndian(express[ExpressRegisters.SlotStatus..], 0);
        return image.WithBytes(bytes);
    }

    private static int SlotControlOf(PciDevice port) => (int)port.Hardware.ReadConfig(
        port.Hardware.Capabilities.Find(CapabilityId.Express)!.Value.Offset + SlotControlRegister, 2);

    private PciDevice AddCard(PowerState deepest) => _host
        .AddRootPort(
            "0000:00:03.0",
            port => port.WithImage(DeviceImages.RootPort.WithHotplugSlot()).WithPowerResource().WithWake(deepest))
        .AddEndpoint("0000:01:00.0");

    private void Sleep(PciDevice card)
    {
        _host.VfioPci.Bind(card);
        _host.Clock.Advance(TimeSpan.FromSeconds(2));
    }
}
