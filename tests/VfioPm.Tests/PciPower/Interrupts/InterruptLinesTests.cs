namespace VfioPm.Tests;

/// <summary>Which line a pin leads to (<c>acpi_pci_irq_lookup()</c>).</summary>
public sealed class InterruptLinesTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12);

    public void Dispose() => _host.Dispose();

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
}
