namespace VfioPm.Tests;

/// <summary>What a picture shows, in whatever format.</summary>
public sealed class PictureTests : IDisposable
{
    private const string Nic = PictureMachine.NicName;
    private const string Port = PictureMachine.PortName;

    private readonly string _folder = Directory.CreateTempSubdirectory("vfio-pm-picture-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_function_has_a_lane_for_each_view_its_status_and_its_count()
    {
        Picture picture = PictureMachine.OfSleep();

        picture.Devices.Select(device => (device.Name, device.Parent)).Should().Equal((Port, null), (Nic, Port));
        picture.Values(Nic, TraceKind.GuestState).Should().Equal("", "D3hot", "D0", "");
        picture.Values(Nic, TraceKind.PowerState).Should().Equal("D0", "D3hot", "D3cold", "D0");
        picture.Values(Nic, TraceKind.HardwareState)
            .Should().Equal("D3hot", "D0", "D3hot", "D3cold", "D0", "D3hot", "D0");
        picture.Values(Port, TraceKind.RuntimeStatus)
            .Should().Equal("active", "suspending", "suspended", "resuming", "active");
        picture.Values(Port, TraceKind.UsageCount).Should().Equal("0", "1", "0");
    }

    [Fact]
    public void A_value_has_its_time_and_its_cause()
    {
        Lane lane = PictureMachine.OfSleep().Lane(Nic, TraceKind.PowerState);

        LaneInterval cold = lane.Intervals.Single(interval => interval.Value == (int)PowerState.D3Cold);
        cold.Begin.Should().Be(TimeSpan.FromSeconds(1.048));
        cold.Cause.ToString().Should().Be("0000:00:03.0: power switched off");
    }

    [Fact]
    public void Nobody_s_guest_has_no_lane_and_a_device_without_PCI_no_power_states()
    {
        PictureMachine.OfSleep().Devices[0].Lanes.Select(lane => lane.Kind).Should().NotContain(TraceKind.GuestState);

        RuntimePmCore core = new();
        HostTrace trace = new(core);
        core.AddDevice("camera").Enable();
        trace.ToPicture().Devices.Single().Lanes.Select(lane => lane.Kind)
            .Should().Equal(TraceKind.RuntimeStatus, TraceKind.UsageCount);
    }

    [Fact]
    public void What_never_changed_is_shown_too()
    {
        PictureMachine machine = new();
        machine.Port.Sysfs.Write("power/control", "on");
        machine.Host.VfioPci.Bind(machine.Nic).Open();
        machine.Host.Trace.Clear();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(3));
        machine.Nic.HostConfig.Read(0, new byte[4]);

        Picture picture = machine.Host.Trace.ToPicture();

        picture.Values(Port, TraceKind.PowerState).Should().Equal("D0");
        picture.Values(Port, TraceKind.UsageCount).Should().Equal("1");
        picture.Values(Nic, TraceKind.GuestState).Should().Equal("D0");
    }

    [Fact]
    public void What_somebody_did_is_a_mark_even_if_nothing_came_of_it()
    {
        DeviceLanes nic = PictureMachine.OfSleep().Devices[1];

        nic.Marks.Select(mark => mark.What).Should().ContainInOrder(
            "bound to vfio-pci", "opened", "guest writes configuration space", "guest asks for low power in PMCSR", "closed");
        nic.Marks.Single(mark => mark.What == "guest asks for low power in PMCSR").Cause!.Value.What
            .Should().Be("guest writes configuration space");
    }

    [Fact]
    public void A_change_at_the_very_end_is_shown()
    {
        PictureMachine machine = new();
        machine.Host.VfioPci.Bind(machine.Nic).Open();

        Picture picture = machine.Host.Trace.ToPicture();

        LaneInterval last = picture.Lane(Nic, TraceKind.GuestState).Intervals[^1];
        last.Begin.Should().Be(picture.End).And.Be(last.End);
        picture.Values(Nic, TraceKind.GuestState).Should().EndWith("D0");
    }

    [Fact]
    public void A_part_has_the_values_of_its_time_only()
    {
        Picture part = PictureMachine.OfSleep()
            .Of(Nic)
            .Between(TimeSpan.FromSeconds(1.03), TimeSpan.FromSeconds(1.5));

        part.Devices.Select(device => device.Name).Should().Equal(Nic);
        part.Values(Nic, TraceKind.PowerState).Should().Equal("D0", "D3hot", "D3cold");
        part.Lane(Nic, TraceKind.PowerState).Intervals[0].Begin.Should().Be(TimeSpan.FromSeconds(1.03));
        part.Lane(Nic, TraceKind.PowerState).Intervals[^1].End.Should().Be(TimeSpan.FromSeconds(1.5));
        part.Devices[0].Marks.Should().BeEmpty();
        part.ToTimeline().ToString().Should().NotContain("opened").And.NotContain(Port + "  ").And.Contain("D0 → D3hot");
    }

    [Fact]
    public void A_part_may_be_a_moment_and_never_goes_beyond_the_whole()
    {
        Picture whole = PictureMachine.OfSleep();

        Picture moment = whole.Between(whole.End, TimeSpan.FromDays(1));

        (moment.Begin, moment.End).Should().Be((whole.End, whole.End));
        moment.Values(Nic, TraceKind.PowerState).Should().Equal("D0");
        whole.Invoking(picture => picture.Between(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)))
            .Should().Throw<ArgumentException>();
    }

    [Fact]
    public void A_picture_stays_as_it_was_while_the_host_goes_on()
    {
        PictureMachine machine = new();
        machine.Sleep();
        Picture picture = machine.Host.Trace.ToPicture();
        string[] before = [.. PictureFormat.All.Select(picture.To)];

        machine.Host.Clock.Advance(TimeSpan.FromSeconds(5));

        PictureFormat.All.Select(picture.To).Should().Equal(before);
    }

    [Theory]
    [InlineData("deep/in/a/folder/a.svg", "<svg ")]
    [InlineData("a.SVG", "<svg ")]
    [InlineData("a.html", "<!DOCTYPE html>")]
    [InlineData("a.json", "{")]
    [InlineData("a.vcd", "$version ")]
    [InlineData("a.txt", "a sleep")]
    public void A_picture_is_saved_as_the_file_s_name_says(string name, string beginning)
    {
        string file = PictureMachine.OfSleep().Save(Path.Combine(_folder, name));

        file.Should().Be(Path.GetFullPath(file)).And.EndWith(Path.GetFileName(name));
        File.ReadAllText(file).Should().StartWith(beginning);
    }

    [Fact]
    public void A_name_that_tells_no_format_is_refused_unless_one_is_given()
    {
        Picture picture = PictureMachine.OfSleep();
        string file = Path.Combine(_folder, "picture");

        picture.Invoking(saved => saved.Save(file + ".png"))
            .Should().Throw<ArgumentException>().WithMessage("*ends in none of .txt, .html, .svg, .json, .vcd.*");
        picture.Save(file, PictureFormat.Vcd);

        Directory.GetFiles(_folder).Should().Equal(file);
    }
}
