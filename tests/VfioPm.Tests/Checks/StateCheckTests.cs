namespace VfioPm.Tests;

/// <summary>The same text without FluentAssertions.</summary>
public sealed class StateCheckTests
{
    private readonly Machine _machine = new(KernelProfile.RfcV1);

    private PciDevice Nic => _machine.Nic;

    [Fact]
    public void One_line_fails_a_test_of_any_framework_in_the_words_of_the_assertion()
    {
        using VfioDeviceFile device = _machine.Open();
        Action verify = () => PciDeviceCheck.IsIn(Nic, PowerState.D3Cold).Verify();

        string message = verify.Should().Throw<CheckFailedException>().Which.Message.TrimEnd();

        message.Should().Be(Failure.MessageOf(() => Nic.Should().BeIn(PowerState.D3Cold)));
    }

    [Fact]
    public void One_line_waits_too()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);

        PciDeviceCheck.IsIn(Nic, PowerState.D3Cold).Verify(within: TimeSpan.FromSeconds(2));

        Nic.PowerState.Should().Be(PowerState.D3Cold);
        Action verify = () => PciDeviceCheck.IsIn(Nic, PowerState.D0).Verify(within: TimeSpan.FromSeconds(2));
        verify.Should().Throw<CheckFailedException>().WithMessage(
            "Expected 0000:01:00.0 to be in D0 within 2.000 s, but after 2.000 s it is in D3cold.*");
    }

    [Fact]
    public void A_verdict_tells_what_is_so_and_when_that_came_true()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);
        StateCheck check = PciDeviceCheck.IsIn(Nic, PowerState.D3Cold);

        check.Look().Holds.Should().BeFalse();
        Verdict verdict = check.Within(TimeSpan.FromSeconds(2));

        verdict.Holds.Should().BeTrue();
        verdict.ToString().Should().Be(
            "0000:01:00.0 was expected to be in D3cold within 2.000 s, and it is in D3cold after 1.024 s.");
        check.Look().ToString().Should().Be("0000:01:00.0 was expected to be in D3cold, and it is in D3cold.");
        verdict.Invoking(holds => holds.ThrowIfNot()).Should().NotThrow();
    }

    /// <summary>The trace did not know the guest's device any more, and its own message was in place of the check's.</summary>
    [Fact]
    public void A_check_of_a_guest_says_what_it_finds_though_the_trace_was_cleared()
    {
        LinuxGuest guest = _machine.Host.Boot(_machine.Open());
        _machine.Host.Trace.Clear();

        FluentActions.Invoking(() => GuestDeviceCheck.IsIn(guest.Device, PowerState.D2).Verify())
            .Should().Throw<CheckFailedException>().WithMessage("Expected guest 0000:01:00.0 to be in D2*");
    }
}
