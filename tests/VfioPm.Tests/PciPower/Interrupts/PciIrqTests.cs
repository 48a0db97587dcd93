namespace VfioPm.Tests;

/// <summary>Who may listen to a line, and what is left when he goes (<c>request_irq()</c>, <c>free_irq()</c>).</summary>
public sealed class PciIrqTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12);
    private readonly PciDevice _first;
    private readonly PciDevice _second;

    public PciIrqTests()
    {
        _first = _host.AddEndpoint("0000:00:05.0", setup: static setup => setup.WithInterruptLine(16));
        _second = _host.AddEndpoint("0000:00:06.0", setup: static setup => setup.WithInterruptLine(16));
    }

    public void Dispose() => _host.Dispose();

    // IRQF_SHARED is for both to agree on.
    [Theory]
    [InlineData(true, true, 0)]
    [InlineData(true, false, -(int)Errno.EBUSY)]
    [InlineData(false, true, -(int)Errno.EBUSY)]
    [InlineData(false, false, -(int)Errno.EBUSY)]
    public void setup_irq_lets_listeners_share_a_line_if_all_do(bool first, bool second, int expected)
    {
        PciIrq.Request(_first, first).Should().Be(0);

        PciIrq.Request(_second, second).Should().Be(expected);
    }

    [Fact]
    public void free_irq_shuts_the_line_down_with_the_last_listener()
    {
        InterruptLine line = _first.InterruptLine!;
        line.IsDisabled.Should().BeTrue();
        PciIrq.Request(_first);
        PciIrq.Request(_second);

        PciIrq.Free(_first);
        line.IsDisabled.Should().BeFalse();
        PciIrq.Disable(_second);
        PciIrq.Enable(_second);
        line.IsDisabled.Should().BeFalse();
        PciIrq.Free(_second);
        line.IsDisabled.Should().BeTrue();

        _second.Hardware.AssertInterrupt();
        line.Count.Should().Be(0, "nobody is interrupted");
    }
}
