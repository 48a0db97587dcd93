using FluentAssertions.Execution;

namespace VfioPm.Tests;

/// <summary>A failure says what was expected, what is, and what happened when and why.</summary>
public sealed class FailureMessageTests
{
    private readonly Machine _machine = new(KernelProfile.RfcV1);

    private PciDevice Nic => _machine.Nic;

    [Fact]
    public void A_power_state_comes_with_the_transitions_their_times_and_causes()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        string message = MessageOf(() => _machine.Port.Should().BeIn(PowerState.D0, "the guest is {0}", "busy"));

        message.Should().StartWith(
            "Expected 0000:00:03.0 to be in D0 because the guest is busy, but it is in D3Cold.");
        message.Should().MatchRegex(
            @"1\.\d{3} s  0000:00:03\.0  D0 → D3Hot  +0000:01:00\.0: autosuspend timer, last child 0000:01:00\.0 suspended at 1\.\d{3} s");
    }

    [Fact]
    public void A_function_that_should_sleep_deeper_comes_with_what_keeps_it()
    {
        using VfioDeviceFile device = _machine.Open();

        string message = MessageOf(() => Nic.Should().BeIn(PowerState.D3Cold));

        message.Should().Contain("0000:01:00.0 is held by a usage count of 1 (opened at 0.000 s)");
    }

    [Fact]
    public void A_function_that_cannot_lose_its_power_comes_with_the_reason()
    {
        Machine warm = new(KernelProfile.RfcV1, cutsPower: false);
        using VfioDeviceFile device = warm.OpenAndSleep();

        string message = MessageOf(() => warm.Nic.Should().BeIn(PowerState.D3Cold));

        message.Should().Contain("the firmware cannot cut the power of 0000:01:00.0");
    }

    [Fact]
    public void A_port_that_is_kept_awake_is_the_reason_for_the_function_below_it()
    {
        _machine.Port.Sysfs.Write("power/control", "on");
        using VfioDeviceFile device = _machine.OpenAndSleep();

        string message = MessageOf(() => Nic.Should().BeIn(PowerState.D3Cold));

        message.Should().Contain("power/control of 0000:00:03.0 is \"on\"");
    }

    [Fact]
    public void A_usage_count_comes_with_who_counted()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);

        string message = MessageOf(() => Nic.Should().HaveUsageCount(1));

        message.Should().StartWith("Expected 0000:01:00.0 to have a usage count of 1, but it is 0.");
        message.Should().MatchRegex(@"usage 1 → 0 +0000:01:00\.0: guest asks for low power in PMCSR");
    }

    [Fact]
    public void A_leak_names_the_device_and_the_call()
    {
        UsageBaseline before = UsageBaseline.Of(_machine.Host.RuntimePm);
        using VfioDeviceFile device = _machine.Open();
        Nic.Sysfs.Write("power/control", "on");

        string message = MessageOf(() => _machine.Host.Should().BeBalancedSince(before));

        message.Should().StartWith("Expected 0000:01:00.0 to have a balanced usage count since 0.000 s, but it went");
        message.Should().Contain("0000:01:00.0: host writes on to power/control");
    }

    [Fact]
    public void A_way_that_was_not_gone_comes_with_the_one_that_was()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        string message = MessageOf(() => Nic.Should().HaveGone(PowerState.D0, PowerState.D3Cold));

        message.Should().StartWith(
            "Expected 0000:01:00.0 to have gone D0 → D3Cold, but it went Unknown → D0 → D3Hot → D3Cold.");
    }

    [Fact]
    public void A_function_that_did_not_stay_comes_with_where_it_went()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        string message = MessageOf(() => Nic.Should().HaveStayedIn(PowerState.D3Cold, since: TimeSpan.Zero));

        message.Should().StartWith("Expected 0000:01:00.0 to have stayed in D3Cold since 0.000 s, but it went");
    }

    [Fact]
    public void An_order_that_did_not_happen_names_the_first_step_that_is_missing()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        string message = MessageOf(() => _machine.Host.Trace.Should().HaveSeenInOrder(
            (_machine.Port, PowerState.D3Cold), (Nic, PowerState.D3Hot)));

        message.Should().Contain("but 0000:01:00.0 in D3Hot did not come after that.");
    }

    [Fact]
    public void A_register_shows_both_values_in_its_width()
    {
        using VfioDeviceFile device = _machine.Open();

        MessageOf(() => device.Config.Should().HaveRegister(PciRegisters.VendorId, 2, 0x10de))
            .Should().StartWith("Expected the guest of 0000:01:00.0 to read 0x10de at 0x00, but it reads 0x8086.");
        MessageOf(() => Nic.Hardware.Should().HaveRegister(PciRegisters.VendorId, 2, 0x10de))
            .Should().StartWith("Expected the hardware of 0000:01:00.0 to hold 0x10de at 0x00, but it holds 0x8086.");
    }

    [Fact]
    public void With_the_trace_off_a_failure_says_so_and_a_question_about_the_past_is_refused()
    {
        _machine.Host.Trace.IsEnabled = false;
        using VfioDeviceFile device = _machine.Open();

        MessageOf(() => Nic.Should().BeIn(PowerState.D1)).Should().Contain("The trace is off");
        ((Action)(() => Nic.Should().HaveGone(PowerState.D0))).Should().Throw<InvalidOperationException>();
    }

    private static string MessageOf(Action assertion) => assertion.Should().Throw<AssertionFailedException>().Which.Message;
}
