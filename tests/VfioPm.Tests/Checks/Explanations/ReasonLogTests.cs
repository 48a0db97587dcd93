namespace VfioPm.Tests;

/// <summary>Why a device was as it was at any moment, as pictures show it.</summary>
public sealed class ReasonLogTests
{
    private readonly PictureMachine _machine = new();

    public ReasonLogTests() => _machine.Host.Trace.KeepReasons();

    [Fact]
    public void Each_moment_has_the_reason_that_a_check_would_have_given_then()
    {
        VfioDeviceFile device = _machine.Host.VfioPci.Bind(_machine.Nic).Open();
        _machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        device.Config.WritePmcsrState(PowerState.D3Hot);
        _machine.Host.Clock.Advance(TimeSpan.FromSeconds(0.5));
        string check = PciDeviceCheck.IsIn(_machine.Nic, PowerState.D3Cold).Look().Details;
        _machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));

        ReasonAt(0.5).Should().Contain("is held by a usage count of 1 (opened at 0.000 s)");
        string[] waiting = ReasonAt(1.5).Split(Environment.NewLine);
        waiting[0].Should().Be("It does not sleep because:");
        check.Should().Contain(waiting[1]);
        ReasonAt(2.4).Should().StartWith("It is asleep because:").And.Contain("nobody holds 0000:01:00.0 since its last user left");
    }

    [Fact]
    public void Reasons_follow_each_other_without_gaps_up_to_now_and_each_differs_from_the_next()
    {
        _machine.Sleep();

        IReadOnlyList<Reason> reasons = Reasons(_machine.Host);

        reasons.Should().HaveCountGreaterThan(4);
        reasons[^1].End.Should().Be(_machine.Host.Clock.Now);
        foreach ((Reason reason, Reason next) in reasons.Zip(reasons.Skip(1)))
        {
            reason.End.Should().Be(next.Begin);
            reason.Text.Should().NotBe(next.Text);
        }
    }

    [Fact]
    public void What_is_no_function_has_reasons_too()
    {
        RuntimePmCore core = new();
        HostTrace trace = new(core);
        trace.KeepReasons();
        RuntimePmDevice camera = core.AddDevice("camera");
        camera.Enable();
        camera.GetSync();

        trace.ToPicture().Devices.Single().Reasons.Single().Text.Should().Contain("camera is held by a usage count of 1");
    }

    [Fact]
    public void A_fork_goes_on_with_reasons_of_its_own()
    {
        VfioDeviceFile device = _machine.Host.VfioPci.Bind(_machine.Nic).Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);
        _machine.Host.Clock.Advance(TimeSpan.FromSeconds(0.1));
        SimulatedHost fork = _machine.Host.Fork();
        int before = Reasons(_machine.Host).Count;

        fork.Clock.Advance(TimeSpan.FromSeconds(2));

        Reasons(fork).Count.Should().BeGreaterThan(before);
        Reasons(_machine.Host).Should().HaveCount(before);
    }

    [Fact]
    public void A_part_of_a_picture_has_the_reasons_of_its_time()
    {
        _machine.Sleep();

        Picture part = _machine.Host.Trace.ToPicture().Between(TimeSpan.FromSeconds(1.2), TimeSpan.FromSeconds(1.3));

        part.Devices[1].Reasons.Single().Should().Match<Reason>(reason =>
            reason.Begin == part.Begin && reason.End == part.End && reason.Text.StartsWith("It is asleep"));
    }

    [Fact]
    public void Keeping_them_changes_nothing()
    {
        _machine.Sleep();
        PictureMachine other = new();
        other.Sleep();

        _machine.Host.ComputeStateHash().Should().Be(other.Host.ComputeStateHash());
        _machine.Host.Trace.ToJson().Should().Be(other.Host.Trace.ToJson());
    }

    private static IReadOnlyList<Reason> Reasons(SimulatedHost host) => host.Trace.ToPicture().Devices[1].Reasons;

    private string ReasonAt(double seconds)
    {
        var moment = TimeSpan.FromSeconds(seconds);
        return Reasons(_machine.Host).Single(reason => reason.Begin <= moment && moment < reason.End).Text;
    }
}
