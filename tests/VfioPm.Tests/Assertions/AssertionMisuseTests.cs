namespace VfioPm.Tests;

/// <summary>Questions that would hold whatever happened are refused.</summary>
public sealed class AssertionMisuseTests
{
    private readonly Machine _machine = new(KernelProfile.RfcV1);

    private PciDevice Nic => _machine.Nic;

    [Fact]
    public void A_moment_to_come_is_refused()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();
        TimeSpan later = _machine.Host.Clock.Now + TimeSpan.FromMilliseconds(1);

        foreach (Action question in QuestionsSince(later))
        {
            question.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("since")
                .WithMessage("since is a moment since boot, and it is 1.524 s now.*");
        }
    }

    [Fact]
    public void A_moment_before_the_trace_is_refused()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();
        _machine.Host.Trace.Clear();

        foreach (Action question in QuestionsSince(TimeSpan.FromSeconds(1)))
        {
            question.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("since")
                .WithMessage("The trace begins at 1.524 s: nobody knows what was before.*");
        }
    }

    [Fact]
    public void Now_and_the_beginning_of_the_trace_are_known()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();
        _machine.Host.Trace.Clear();

        foreach (Action question in QuestionsSince(_machine.Host.Clock.Now))
        {
            question.Should().NotThrow();
        }
    }

    [Fact]
    public void A_way_without_states_and_an_order_without_steps_are_refused()
    {
        HostTrace trace = _machine.Host.Trace;
        Action[] empty =
        [
            () => Nic.Should().HaveGone(),
            () => trace.Should().HaveSeenInOrder(Array.Empty<(PciDevice, PowerState)>()),
            () => trace.Should().HaveSeenInOrder(Array.Empty<(PciDevice, string)>()),
        ];

        foreach (Action question in empty)
        {
            question.Should().Throw<ArgumentException>().WithParameterName("expected");
        }
    }

    [Fact]
    public void Devices_of_another_host_are_refused()
    {
        PciDevice stranger = new Machine(KernelProfile.RfcV1).Nic;
        HostTrace trace = _machine.Host.Trace;

        foreach (Action question in (Action[])[
            () => trace.Should().HaveSeenInOrder((Nic, PowerState.D0), (stranger, PowerState.D0)),
            () => trace.Should().HaveSeenInOrder((stranger, "enumerated"))])
        {
            question.Should().Throw<ArgumentException>().WithParameterName("expected")
                .WithMessage("0000:01:00.0 is a device of another host than the trace's.*");
        }
    }

    [Fact]
    public void A_baseline_of_another_host_is_refused_and_a_fork_is_none()
    {
        UsageBaseline before = UsageBaseline.Of(new Machine(KernelProfile.RfcV1).Host.RuntimePm);
        UsageBaseline own = UsageBaseline.Of(_machine.Host.RuntimePm);

        foreach (Action question in (Action[])[
            () => _machine.Host.Should().BeBalancedSince(before),
            () => Nic.Should().BeBalancedSince(before),
            () => before.DifferenceOf(Nic.RuntimePm)])
        {
            question.Should().Throw<ArgumentException>()
                .WithMessage("The usage counts were taken of another host.*");
        }

        _machine.Host.Should().BeBalancedSince(own);
        _machine.Host.Fork().Should().BeBalancedSince(own);
    }

    private Action[] QuestionsSince(TimeSpan since) =>
    [
        () => Nic.Should().HaveStayedAsleep(since),
        () => Nic.Should().HaveStayedIn(PowerState.D3Cold, since),
        () => Nic.Should().HaveNeverEntered(PowerState.D1, since),
        () => Nic.Hardware.Should().HaveNeverEntered(PowerState.D1, since),
    ];
}
