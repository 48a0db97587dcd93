namespace VfioPm.Tests.Pci;

public class SignalTests
{
    // PCI Local Bus 3.0, section 6.2.3: Status tells whatever Command says; the pin does not.
    [Fact]
    public void Interrupt_Disable_silences_the_pin_and_not_the_status()
    {
        var silicon = new Silicon();
        silicon.Endpoint.AssertInterrupt();
        silicon.Endpoint.IsInterruptPinAsserted.Should().BeTrue();

        silicon.Command = PciRegisters.CommandInterruptDisable;

        silicon.Endpoint.IsInterruptPinAsserted.Should().BeFalse();
        (silicon.Endpoint.ReadConfig(PciRegisters.Status, 2) & PciRegisters.StatusInterrupt).Should().NotBe(0);
        silicon.Endpoint.DeassertInterrupt();
        silicon.Endpoint.InterruptStatus.Should().BeFalse();
    }

    [Fact]
    public void Software_cannot_clear_a_pending_interrupt()
    {
        var silicon = new Silicon();
        silicon.Endpoint.AssertInterrupt();

        silicon.Endpoint.WriteConfig(PciRegisters.Status, 2, 0xffff);

        silicon.Endpoint.InterruptStatus.Should().BeTrue();
    }

    [Fact]
    public void A_reset_takes_the_interrupt_back()
    {
        var silicon = new Silicon();
        silicon.Endpoint.AssertInterrupt();

        silicon.Endpoint.Reset();

        silicon.Endpoint.InterruptStatus.Should().BeFalse();
    }

    // PCI Local Bus 3.0, section 6.8.1.6: the function may modify as many low bits as it needs for its vectors.
    [Fact]
    public void A_message_has_the_vector_in_the_low_bits_that_the_function_was_given()
    {
        var silicon = new Silicon();
        MessageLog log = new();
        silicon.Endpoint.InterruptReceiver = log;
        silicon.EnableFourMessages();

        silicon.Endpoint.SendMessage(2).Should().BeTrue();
        silicon.Endpoint.SendMessage(4).Should().BeFalse("it was given four");

        log.Messages.Should().Equal(new InterruptMessage(0x1_fee0_0000, 0x40fe));
    }

    [Fact]
    public void A_message_needs_a_function_in_D0_and_a_way_to_it()
    {
        var silicon = new Silicon();
        silicon.EnableFourMessages();
        silicon.Endpoint.SendMessage(0).Should().BeTrue();

        silicon.SetState(PowerState.D3Hot);
        silicon.Endpoint.SendMessage(0).Should().BeFalse();
        silicon.SetState(PowerState.D0);
        silicon.EnableFourMessages();
        silicon.Endpoint.SendMessage(0).Should().BeTrue();

        silicon.Port.WriteConfig(silicon.Port.Pm!.ControlStatusOffset, 2, (uint)PowerState.D3Hot);
        silicon.Clock.Advance(silicon.Port.D3HotDelay);
        silicon.Endpoint.SendMessage(0).Should().BeFalse();
    }

    [Fact]
    public void PME_latches_and_is_cleared_by_writing_one()
    {
        var silicon = new Silicon(DeviceImages.E1000E.WithPowerManagement(Silicon.EverythingPmc));
        PmCapability pm = silicon.Endpoint.Pm!;

        silicon.Endpoint.AssertPme().Should().BeFalse("PME_En is clear");
        pm.PmeStatus.Should().BeTrue("the reason is remembered all the same");

        silicon.Endpoint.WriteConfig(pm.ControlStatusOffset, 2, PmRegisters.PmeEnable);
        silicon.Endpoint.IsPmeAsserted.Should().BeTrue();

        silicon.Endpoint.WriteConfig(pm.ControlStatusOffset, 2, PmRegisters.PmeEnable | PmRegisters.PmeStatus);
        silicon.Endpoint.IsPmeAsserted.Should().BeFalse();
        pm.PmeEnabled.Should().BeTrue();
    }

    [Fact]
    public void PME_is_not_latched_in_a_state_that_does_not_support_it()
    {
        var silicon = new Silicon(DeviceImages.E1000E.WithPowerManagement(0x4003));

        silicon.Endpoint.AssertPme();
        silicon.Endpoint.Pm!.PmeStatus.Should().BeFalse("only D3hot supports it");

        silicon.SetState(PowerState.D3Hot);
        silicon.Endpoint.AssertPme();
        silicon.Endpoint.Pm!.PmeStatus.Should().BeTrue();
    }

    [Fact]
    public void PME_enable_is_not_kept_by_a_function_without_PME()
    {
        var silicon = new Silicon();

        silicon.Endpoint.WriteConfig(silicon.Endpoint.Pm!.ControlStatusOffset, 2, PmRegisters.PmeEnable);

        silicon.Endpoint.Pm!.PmeEnabled.Should().BeFalse();
    }

    // PCI Power Management 1.2, section 3.2.4: sticky only with PME# from D3cold.
    [Theory]
    [InlineData(0xffc3, true)]
    [InlineData(0x7fc3, false)]
    public void PME_context_survives_without_power_where_D3cold_is_supported(int pmc, bool survives)
    {
        var silicon = new Silicon(DeviceImages.E1000E.WithPowerManagement((ushort)pmc));
        silicon.Endpoint.WriteConfig(silicon.Endpoint.Pm!.ControlStatusOffset, 2, PmRegisters.PmeEnable);
        silicon.Endpoint.SetPower(false);

        silicon.Endpoint.AssertPme().Should().Be(survives);

        silicon.Endpoint.SetPower(true);
        silicon.Endpoint.IsPmeAsserted.Should().Be(survives);
    }

    // Section 5.4.1: the soft reset spares PME context.
    [Fact]
    public void PME_context_survives_the_soft_reset_on_leaving_D3hot()
    {
        var silicon = new Silicon(DeviceImages.E1000E.WithPowerManagement(0x4003));
        int pmcsr = silicon.Endpoint.Pm!.ControlStatusOffset;
        silicon.Endpoint.WriteConfig(pmcsr, 2, PmRegisters.PmeEnable | 3u);
        silicon.Endpoint.AssertPme();

        silicon.Endpoint.WriteConfig(pmcsr, 2, PmRegisters.PmeEnable);

        silicon.Endpoint.PowerState.Should().Be(PowerState.D0);
        silicon.Endpoint.IsPmeAsserted.Should().BeTrue();
    }

    private sealed class MessageLog : IInterruptReceiver
    {
        public List<InterruptMessage> Messages { get; } = [];

        public void OnPinChanged(bool isAsserted)
        {
        }

        public void OnMessage(InterruptMessage message) => Messages.Add(message);

        public IForkable Fork(ForkContext fork) => throw new NotSupportedException();
    }
}
