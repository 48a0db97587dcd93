namespace VfioPm.Tests;

/// <summary>What a timeline makes of what it shows: lines that belong together, and reasons.</summary>
public sealed class TimelineTests
{
    private readonly Machine _machine = new(KernelProfile.RfcV1);

    [Fact]
    public void The_same_again_and_again_at_one_moment_is_one_line()
    {
        using VfioDeviceFile device = _machine.Open();
        int before = _machine.Host.Trace.Entries.Count;
        for (int i = 0; i < 3; i++)
        {
            device.Config.Read(0, 2);
        }

        device.Config.WritePmcsrState(PowerState.D0);
        device.Config.Read(0, 2);

        string[] lines = LinesOf(_machine.Host.Trace.ToTimeline().After(before).Of(TraceKind.Operation));
        lines[0].Should().EndWith("guest reads configuration space ×4", "writing the state reads the register");
        lines[1].Should().EndWith("guest writes configuration space");
        lines[^1].Should().EndWith("guest reads configuration space");
    }

    [Fact]
    public void The_same_at_another_moment_or_to_another_device_is_another_line()
    {
        using VfioDeviceFile device = _machine.Open();
        int before = _machine.Host.Trace.Entries.Count;
        _machine.Nic.HostConfig.Read(0, new byte[4]);
        _machine.Port.HostConfig.Read(0, new byte[4]);
        _machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        _machine.Port.HostConfig.Read(0, new byte[4]);

        LinesOf(_machine.Host.Trace.ToTimeline().After(before).Of(TraceKind.Operation)).Should().HaveCount(3)
            .And.OnlyContain(line => line.EndsWith("host reads configuration space", StringComparison.Ordinal));
    }

    [Fact]
    public void A_line_without_a_reason_does_not_pass_for_one_with_the_reason_above()
    {
        var core = new RuntimePmCore();
        var trace = new HostTrace(core);
        RuntimePmDevice camera = core.AddDevice("camera");
        using (core.Clock.Because("open", "camera"))
        {
            camera.GetNoResume();
        }

        core.Clock.Advance(TimeSpan.FromSeconds(1));
        camera.GetNoResume();
        core.Clock.Advance(TimeSpan.FromSeconds(1));
        camera.GetNoResume();

        trace.ToTimeline().Of(TraceKind.UsageCount).ToString().TrimEnd().Should().Be(
            """
              0.000 s  camera  usage 0 → 1             camera: open
              1.000 s  camera  usage 1 → 2             -
              2.000 s  camera  usage 2 → 3
            """);
    }

    /// <summary>It was an empty timeline, which contains no surprise.</summary>
    [Fact]
    public void A_device_that_there_is_not_is_no_filter()
    {
        Action narrow = () => _machine.Host.Trace.ToTimeline().Of("01:00.0");

        narrow.Should().Throw<ArgumentException>().WithMessage(
            "There is no device \"01:00.0\" in it, but 0000:00:03.0, 0000:01:00.0.*");
    }

    [Fact]
    public void A_device_to_which_nothing_happened_is_one_all_the_same()
    {
        _machine.Host.Trace.Clear();

        _machine.Host.Trace.ToTimeline().Of(_machine.Nic).ToString().Should().BeEmpty();
    }

    private static string[] LinesOf(Timeline timeline) =>
        timeline.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
