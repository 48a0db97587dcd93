namespace VfioPm.Tests;

/// <summary>Where moments are drawn.</summary>
public sealed class TimeAxisTests
{
    [Fact]
    public void A_second_without_events_is_cut_and_twelve_milliseconds_are_not()
    {
        TimeAxis axis = TimeAxis.Of(PictureMachine.OfSleep());

        axis.Cuts.Select(cut => (cut.From.TotalSeconds, cut.To.TotalSeconds)).Should().Equal((0.024, 1.024), (1.048, 2.024));
        Distance(axis, 1.024, 1.036).Should().BeGreaterThan(20);
    }

    [Fact]
    public void Between_cuts_time_runs_evenly()
    {
        TimeAxis axis = TimeAxis.Of(PictureMachine.OfSleep());

        Distance(axis, 2.024, 2.160).Should().BeApproximately(136.0 / 12 * Distance(axis, 1.024, 1.036), 0.01);
    }

    [Fact]
    public void A_cut_is_as_wide_for_a_second_as_for_an_hour()
    {
        Picture second = PictureMachine.OfSleep(seconds: 2);
        Picture hour = PictureMachine.OfSleep(seconds: 3600);

        TimeAxis.Of(hour).Width.Should().Be(TimeAxis.Of(second).Width);
    }

    [Fact]
    public void A_microsecond_can_be_seen_and_is_said()
    {
        SimulatedHost host = new();
        PciDevice function = host.AddEndpoint("0000:00:04.0");
        host.Clock.Advance(TimeSpan.FromMicroseconds(3));
        function.HostConfig.Read(0, new byte[4]);
        TimeAxis axis = TimeAxis.Of(host.Trace.ToPicture());

        Distance(axis, 0, 0.000003).Should().BeGreaterThanOrEqualTo(7);
        axis.TextOf(TimeSpan.FromMicroseconds(3)).Should().Be("0.000003 s");
    }

    [Fact]
    public void What_comes_at_the_end_has_room()
    {
        PictureMachine machine = new();
        machine.Host.VfioPci.Bind(machine.Nic).Open();
        Picture picture = machine.Host.Trace.ToPicture();
        TimeAxis axis = TimeAxis.Of(picture);

        axis.EndOf(picture.Lane(PictureMachine.NicName, TraceKind.GuestState).Intervals[^1])
            .Should().BeGreaterThan(axis.At(picture.End) + 40);
    }

    private static double Distance(TimeAxis axis, double from, double to) =>
        axis.At(TimeSpan.FromSeconds(to)) - axis.At(TimeSpan.FromSeconds(from));
}
