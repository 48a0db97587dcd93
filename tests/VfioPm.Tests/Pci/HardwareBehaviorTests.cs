namespace VfioPm.Tests.Pci;

public class HardwareBehaviorTests
{
    [Fact]
    public void The_emulator_answers_memory_in_D3hot_and_keeps_its_registers_over_it()
    {
        var silicon = new Silicon(behavior: HardwareBehavior.Emulator);
        uint command = silicon.Command;
        silicon.Endpoint.WriteBar(0, 0x10, 4, 0x12345678);

        silicon.SetState(PowerState.D3Hot);
        silicon.Endpoint.ReadBar(0, 0x10, 4).Should().Be(0x12345678);
        silicon.SetState(PowerState.D0);

        silicon.Command.Should().Be(command);
    }

    // The recordings' topology h: an i82559 that claims power management and ignores its PMCSR.
    [Fact]
    public void A_function_can_ignore_its_PMCSR()
    {
        DeviceImage image = DeviceImages.E1000E.WithPowerManagement(Silicon.EverythingPmc);
        int pmcsr = image.Capabilities.Find(CapabilityId.PowerManagement)!.Value.Offset + PmRegisters.ControlStatus;
        var silicon = new Silicon(image.WithWritableBits(pmcsr, 2, 0), HardwareBehavior.Emulator);
        PmCapability pm = silicon.Endpoint.Pm!;

        silicon.Endpoint.WriteConfig(pm.ControlStatusOffset, 2, PmRegisters.PmeEnable | (uint)PowerState.D3Hot);

        silicon.Endpoint.PowerState.Should().Be(PowerState.D0);
        pm.PmeEnabled.Should().BeFalse();
    }

    // e1000e keeps PME_En although it has no PME#: linux-5.10/b, s10-pme-enable-small.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_reset_of_the_emulators_touches_PMCSR(bool isEmulator)
    {
        int pmcsr = DeviceImages.E1000E.Capabilities.Find(CapabilityId.PowerManagement)!.Value.Offset + PmRegisters.ControlStatus;
        var silicon = new Silicon(
            DeviceImages.E1000E.WithWritableBits(pmcsr, 2, PmRegisters.PmeEnable | PmRegisters.StateMask),
            isEmulator ? HardwareBehavior.Emulator : HardwareBehavior.Specification);
        silicon.Endpoint.WriteConfig(pmcsr, 2, PmRegisters.PmeEnable);

        silicon.Port.WriteConfig(PciRegisters.BridgeControl, 2, PciRegisters.BridgeControlBusReset);
        silicon.Port.WriteConfig(PciRegisters.BridgeControl, 2, 0);
        silicon.Clock.Advance(TimeSpan.FromSeconds(1));

        (silicon.Endpoint.Pm!.ControlStatus & PmRegisters.PmeEnable).Should().Be(isEmulator ? PmRegisters.PmeEnable : 0);
    }

    // The recordings' topology b: the power resource resets, but power stays.
    [Fact]
    public void A_function_can_go_on_answering_without_power()
    {
        var silicon = new Silicon(
            behavior: HardwareBehavior.Emulator with { AnswersWithoutPower = true });

        silicon.Endpoint.SetPower(false);

        silicon.Endpoint.PowerState.Should().Be(PowerState.D3Cold);
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0x8086);
        silicon.Command.Should().Be(0, "losing power still resets it");
    }

    [Fact]
    public void A_port_can_take_no_notice_of_its_power_resource()
    {
        var silicon = new Silicon(behavior: HardwareBehavior.Emulator with
        {
            AnswersWithoutPower = true,
            KeepsRegistersWithoutPower = true,
        });
        byte[] before = silicon.Port.Configuration.ToArray();

        silicon.Port.SetPower(false);

        silicon.Port.Configuration.ToArray().Should().Equal(before);
    }
}
