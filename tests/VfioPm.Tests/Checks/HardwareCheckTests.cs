namespace VfioPm.Tests;

/// <summary>What a failed question about silicon tells of where its power comes from, or of silicon without a host.</summary>
public sealed class HardwareCheckTests
{
    private static readonly DeviceImage Plain = DeviceImages.E1000E.WithoutCapability(CapabilityId.PowerManagement);

    [Fact]
    public void Nobody_knows_where_a_function_without_a_host_has_been()
    {
        FluentActions.Invoking(() => HardwareCheck.NeverEntered(PciFunction.Standalone(Plain), PowerState.D3Hot))
            .Should().Throw<InvalidOperationException>().WithMessage("*belongs to no host that could have a trace.");
    }

    [Fact]
    public void A_function_without_power_management_has_no_PMCSR_to_tell_of()
    {
        MessageOf(HardwareCheck.IsIn(PciFunction.Standalone(Plain), PowerState.D3Hot)).Should().Contain("It has power; it has no PMCSR.");
    }

    [Fact]
    public void Where_the_firmware_has_no_switch_power_comes_from_the_machine()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);

        MessageOf(HardwareCheck.IsIn(host.AddEndpoint("0000:00:05.0").Hardware, PowerState.D3Hot)).Should().Contain(
            "  the machine: the firmware cannot cut it");
    }

    [Fact]
    public void What_waits_for_its_hardware_that_is_dead_says_so()
    {
        PciFunction dead = PciFunction.Standalone(DeviceImages.E1000E, new HardwareBehavior { SilenceAfterPowerOn = HardwareBehavior.Forever });
        dead.SetPower(false);
        dead.SetPower(true);

        MessageOf(HardwareCheck.IsIn(dead, PowerState.D3Hot)).Should().Contain("It is broken:").And.Contain("is dead: all ones for ever");
    }

    private static string MessageOf(StateCheck check) =>
        FluentActions.Invoking(check.Verify).Should().Throw<CheckFailedException>().Which.Message;
}
