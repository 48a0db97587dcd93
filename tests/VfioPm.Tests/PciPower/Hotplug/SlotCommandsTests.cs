namespace VfioPm.Tests;

/// <summary>A slot's interrupts while its port sleeps (<c>pciehp_runtime_suspend()</c>, <c>pciehp_runtime_resume()</c>).</summary>
public sealed class SlotCommandsTests : IDisposable
{
    private const int SlotControlRegister = 0x18;
    private const int Interrupts = 0x1020;

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
