using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace VfioPm.Tests;

/// <summary>What holds of every picture, whatever a guest does, on every kernel.</summary>
public sealed class PicturePropertyTests
{
    private static readonly FsCheck.Config Repeatable =
        FsCheck.Config.QuickThrowOnFailure
            .WithMaxTest(25)
            .WithEndSize(25)
            .WithReplay(20211115, 1)
            .WithQuietOnSuccess(true);

    public static TheoryData<string> Profiles => [.. KernelProfile.All.Select(profile => profile.Name)];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_intervals_of_a_lane_fill_the_picture_and_each_differs_from_the_next(string profile) =>
        ForAll(profile, picture =>
        {
            foreach (Lane lane in picture.Devices.SelectMany(device => device.Lanes))
            {
                lane.Intervals[0].Begin.Should().Be(picture.Begin);
                lane.Intervals[^1].End.Should().Be(picture.End);
                foreach ((LaneInterval interval, LaneInterval next) in lane.Intervals.Zip(lane.Intervals.Skip(1)))
                {
                    interval.End.Should().Be(next.Begin).And.BeGreaterThan(interval.Begin);
                    interval.Value.Should().NotBe(next.Value);
                }
            }

            picture.Devices.SelectMany(device => device.Marks).Should()
                .OnlyContain(mark => mark.Time >= picture.Begin && mark.Time <= picture.End);
        });

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_dump_s_times_ascend_within_the_picture(string profile) => ForAll(profile, picture =>
    {
        List<long> times = new VcdReader(picture.To(PictureFormat.Vcd)).Times;

        times.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        (times[0], times[^1]).Should().Be((picture.Begin.Ticks, picture.End.Ticks));
    });

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_JSON_s_slices_lie_within_the_picture(string profile) => ForAll(profile, picture =>
    {
        using var json = JsonDocument.Parse(picture.To(PictureFormat.Perfetto));
        foreach (JsonElement slice in json.RootElement.GetProperty("traceEvents").EnumerateArray()
            .Where(known => known.GetProperty("ph").GetString() == "X"))
        {
            double begin = slice.GetProperty("ts").GetDouble();
            double length = slice.GetProperty("dur").GetDouble();
            begin.Should().BeGreaterThanOrEqualTo(picture.Begin.TotalMicroseconds);
            length.Should().BeGreaterThanOrEqualTo(0);
            (begin + length).Should().BeLessThanOrEqualTo(picture.End.TotalMicroseconds);
        }
    });

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_drawing_can_be_read(string profile) =>
        ForAll(profile, picture => SvgPictureTests.ShouldBeReadable(new SvgReader(picture.To(PictureFormat.Svg))));

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_part_of_a_picture_is_a_picture(string profile) => ForAll(profile, picture =>
    {
        TimeSpan third = (picture.End - picture.Begin) / 3;
        Picture part = picture.Between(picture.Begin + third, picture.End - third);

        SvgPictureTests.ShouldBeReadable(new SvgReader(part.To(PictureFormat.Svg)));
        new VcdReader(part.To(PictureFormat.Vcd)).Times.Should().BeInAscendingOrder();
        part.Devices.SelectMany(device => device.Lanes).SelectMany(lane => lane.Intervals)
            .Should().OnlyContain(interval => interval.Begin >= part.Begin && interval.End <= part.End);
    });

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_same_run_gives_the_same_pictures(string profile) =>
        Prop.ForAll(GuestStep.Sequences, steps => PictureFormat.All.Select(Run(profile, steps).To)
            .Should().Equal(PictureFormat.All.Select(Run(profile, steps).To))).Check(Repeatable.WithMaxTest(5));

    private static void ForAll(string profile, Action<Picture> holds) =>
        Prop.ForAll(GuestStep.Sequences, steps => holds(Run(profile, steps))).Check(Repeatable);

    private static Picture Run(string profile, GuestStep[] steps)
    {
        Machine machine = new(KernelProfile.Parse(profile), image: Machine.WithPme());
        VfioDeviceFile file = machine.Open();
        foreach (GuestStep step in steps)
        {
            step.Do(machine.Host, file);
        }

        return machine.Host.Trace.ToPicture(profile);
    }
}
