using static VfioPm.Tests.Failure;

namespace VfioPm.Tests;

/// <summary>"Within so much virtual time": no further than needed, and what was still to come when the time was up.</summary>
public sealed class WithinTests
{
    private static readonly TimeSpan TwoSeconds = TimeSpan.FromSeconds(2);

    private readonly Machine _machine = new(KernelProfile.RfcV1);

    private PciDevice Nic => _machine.Nic;

    private VirtualClock Clock => _machine.Host.Clock;

    [Fact]
    public void Time_stops_where_it_came_true()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);

        Nic.Should().Within(TwoSeconds).BeIn(PowerState.D3Cold);

        Clock.Now.Should().Be(_machine.Host.Trace.PowerStatesOf(Nic).Last().Time);
    }

    [Fact]
    public void What_holds_already_takes_no_time()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);
        TimeSpan before = Clock.Now;

        Nic.Should().Within(TwoSeconds).BeIn(PowerState.D0);

        Clock.Now.Should().Be(before);
    }

    [Fact]
    public void Only_the_next_assertion_waits()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);

        Action both = () => Nic.Should().Within(TwoSeconds).BeIn(PowerState.D3Hot).And.BeIn(PowerState.D3Cold);

        MessageOf(both).Should().StartWith("Expected 0000:01:00.0 to be in D3cold, but it is in D3hot.");
    }

    [Fact]
    public void Time_that_is_up_comes_with_the_state_at_the_end_and_what_is_still_to_come()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);
        TimeSpan before = Clock.Now;

        MessageOf(() => Nic.Should().Within(TimeSpan.FromSeconds(0.5)).BeIn(PowerState.D3Cold)).Should().Be(
            """
            Expected 0000:01:00.0 to be in D3cold within 0.500 s, but after 0.500 s it is in D0.
            Now, at 0.524 s on rfc-v1:
              0000:01:00.0: D0, Active, usage 0; guest reads D3hot
              0000:00:03.0: D0, Active, usage 0
            It sleeps no deeper because:
              the suspend timer of 0000:01:00.0 runs out at 1.000 s only
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  unknown → D0            0000:01:00.0: bound to vfio-pci
            Still to come:
              1.000 s  0000:01:00.0: autosuspend timer
            """);
        Clock.Now.Should().Be(before + TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public void What_never_comes_is_told_from_what_is_late()
    {
        using VfioDeviceFile device = _machine.Open();

        MessageOf(() => Nic.Should().Within(TwoSeconds).HaveUsageCount(0)).Should().Be(
            """
            Expected 0000:01:00.0 to have a usage count of 0 within 2.000 s, but after 2.000 s it is 1.
            Now, at 2.024 s on rfc-v1: 0000:01:00.0: Active, usage 1, children 0
            Not given back:
              opened at 0.000 s
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: enumerated
              0.000 s  0000:01:00.0  usage 1 → 0             0000:01:00.0: bound to vfio-pci
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: opened
            Nothing is pending: it stays so until somebody does something.
            """);
    }

    [Fact]
    public void What_changes_without_an_event_is_seen_at_the_end()
    {
        Machine machine = new(
            KernelProfile.RfcV1, nic: new HardwareBehavior { SilenceAfterFunctionLevelReset = TimeSpan.FromSeconds(1) });
        machine.Nic.Hardware.Reset();

        machine.Nic.Hardware.Should().NotAnswer();
        machine.Nic.Hardware.Should().Within(TwoSeconds).Answer();
        machine.Host.Clock.Now.Should().Be(TwoSeconds);
    }

    [Fact]
    public void An_eventfd_has_no_clock_to_advance()
    {
        Action wait = () => new EventFd().Should().Within(TwoSeconds).HaveBeenSignalled();

        wait.Should().Throw<InvalidOperationException>()
            .WithMessage("the eventfd belongs to no host, whose clock could be advanced.");
    }

    /// <summary>What was green at once, though nobody had waited for anything.</summary>
    [Fact]
    public void What_is_so_as_long_as_nothing_happens_cannot_be_waited_for()
    {
        using VfioDeviceFile device = _machine.Open();
        TimeSpan tenMinutes = TimeSpan.FromMinutes(10);
        TimeSpan since = Clock.Now;
        Action[] waits =
        [
            () => Nic.Should().Within(tenMinutes).NotBeIn(PowerState.D3Cold),
            () => Nic.Should().Within(tenMinutes).HaveNeverEntered(PowerState.D3Cold),
            () => Nic.Should().Within(tenMinutes).HaveStayedIn(PowerState.D0, since),
            () => Nic.Should().Within(tenMinutes).HaveStayedAsleep(since),
            () => Nic.Hardware.Should().Within(tenMinutes).NotBeIn(PowerState.D3Cold),
            () => Nic.Hardware.Should().Within(tenMinutes).NotAnswer(),
            () => Nic.Hardware.Should().Within(tenMinutes).HaveBeenGivenItsTime(),
            () => device.Should().Within(tenMinutes).NotPermitSleep(),
        ];

        foreach (Action wait in waits)
        {
            wait.Should().Throw<InvalidOperationException>().WithMessage("*cannot be waited for*Throughout(600.000 s)*");
        }

        Clock.Now.Should().Be(since);
    }

    [Fact]
    public void Throughout_lets_all_of_the_time_pass()
    {
        using VfioDeviceFile device = _machine.Open();
        TimeSpan before = Clock.Now;

        Nic.Should().Throughout(TimeSpan.FromMinutes(10)).NotBeIn(PowerState.D3Cold);

        (Clock.Now - before).Should().Be(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Throughout_stops_at_the_first_moment_that_breaks_it()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);

        MessageOf(() => Nic.Should().Throughout(TimeSpan.FromMinutes(10)).NotBeIn(PowerState.D3Cold)).Should().StartWith(
            """
            Expected 0000:01:00.0 not to be in D3cold throughout 600.000 s, but after 1.024 s it is in D3cold.
            Now, at 1.048 s on rfc-v1:
            """);
        Clock.Now.Should().Be(_machine.Host.Trace.PowerStatesOf(Nic).Last().Time);
    }

    [Fact]
    public void Only_the_next_assertion_lets_time_pass()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);
        Nic.Should().Within(TwoSeconds).BeIn(PowerState.D3Cold);
        TimeSpan before = Clock.Now;

        Nic.Should().Throughout(TwoSeconds).BeIn(PowerState.D3Cold).And.HaveUsageCount(0);

        (Clock.Now - before).Should().Be(TwoSeconds);
    }
}
