namespace VfioPm.Tests;

/// <summary>The drawing: what it says and that it can be read.</summary>
public sealed class SvgPictureTests
{
    [Fact]
    public void A_drawing_needs_nothing_from_elsewhere_and_runs_nothing()
    {
        string text = PictureMachine.OfSleep().To(PictureFormat.Svg);

        new SvgReader(text).ElementNames.Should().BeSubsetOf(
            ["svg", "title", "style", "g", "rect", "circle", "line", "polygon", "polyline", "text"]);
        text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal)
            .Should().NotContain("://").And.NotContain("@import").And.NotContain("url(");
    }

    [Fact]
    public void It_is_light_or_dark_as_the_reader_has_it()
    {
        string css = new SvgReader(PictureMachine.OfSleep().To(PictureFormat.Svg)).Css;

        css.Should().NotContain("var(", "few programs but browsers know variables");
        css.Should().NotContain("transparent", "that is no colour of SVG 1.1, and Inkscape paints it black");
        string[] parts = css.Split("@media (prefers-color-scheme: dark)");
        parts.Should().HaveCount(2);
        parts[0].Should().Contain(".panel { fill: #f6f8fa; stroke: #d8dee4; }").And.Contain(".d0 { fill: #e69f00; }");
        parts[1].Should().Contain(".panel { fill: #161b22; stroke: #30363d; }").And.Contain(".d3cold { fill: #3d9be0; }")
            .And.Contain("text { fill: #e6edf3; }").And.NotContain(".d0 ", "it is the same in dark");
    }

    [Fact]
    public void Every_look_that_is_used_is_defined()
    {
        string text = PictureMachine.OfSleep().To(PictureFormat.Svg);
        SvgReader drawing = new(text);

        IEnumerable<string> looks = text.Split("class=\"").Skip(1)
            .SelectMany(part => part[..part.IndexOf('"', StringComparison.Ordinal)].Split(' '))
            .Where(look => look is not ("panels" or "moments" or "bars" or "cuts" or "labels" or "value" or "over"));

        looks.Distinct().Should().OnlyContain(look => drawing.Css.Contains($".{look} ", StringComparison.Ordinal));
    }

    [Fact]
    public void The_deeper_the_sleep_the_lower_the_bar()
    {
        SvgReader drawing = new(PictureMachine.OfSleep().To(PictureFormat.Svg));

        string[] looks = ["d0", "d3hot", "d3cold"];

        looks.Select(look => drawing.Bars(look).First().Height).Should().BeInDescendingOrder().And.OnlyHaveUniqueItems();
    }

    [Fact]
    public void Transitions_stay_visible_beside_a_minute_of_idling()
    {
        SvgReader drawing = new(PictureMachine.OfSleep(seconds: 60).To(PictureFormat.Svg));

        drawing.Bars("d3hot").Should().NotBeEmpty().And.OnlyContain(bar => bar.Width >= 7);
        drawing.Width.Should().BeLessThan(1500);
        drawing.Texts.Select(text => text.Text).Should().Contain("quiet for").And.Contain("58.976 s");
    }

    [Fact]
    public void Each_bar_of_a_sleep_has_its_name_right_on_it_twelve_milliseconds_too()
    {
        SvgReader drawing = new(PictureMachine.OfSleep().To(PictureFormat.Svg));

        foreach ((string look, string text) in new[] { ("d3hot", "D3hot"), ("d3cold", "D3cold"), ("suspended", "suspended") })
        {
            drawing.Bars(look).Should().OnlyContain(bar => drawing.Texts.Any(name =>
                name.Text == text && name.Left > bar.Left && name.Right < bar.Left + bar.Width && bar.Top - name.Baseline > 0 && bar.Top - name.Baseline < 4));
        }
    }

    [Fact]
    public void What_was_done_at_one_moment_hangs_on_one_thread()
    {
        string drawing = PictureMachine.OfSleep().Of(PictureMachine.NicName).To(PictureFormat.Svg);

        string[] threads = [.. drawing.Split('\n').Where(line => line.Contains("class=\"thread\"", StringComparison.Ordinal))];
        threads.Select(line => line[..line.IndexOf("y1", StringComparison.Ordinal)]).Should().OnlyHaveUniqueItems().And.HaveCount(4);
    }

    [Fact]
    public void What_is_under_the_pointer_tells_when_and_why() =>
        new SvgReader(PictureMachine.OfSleep().To(PictureFormat.Svg)).Tooltips.Should().Contain(
            "0000:01:00.0, kernel believes: D3cold\n1.048 s to 2.160 s, 1.112 s in all\n0000:00:03.0: power switched off")
            .And.Contain("0000:01:00.0: guest asks for low power in PMCSR\n0.024 s\npart of 0000:01:00.0: guest writes configuration space");

    [Fact]
    public void Of_an_access_and_what_is_asked_with_it_the_latter_has_words()
    {
        string[] words = [.. new SvgReader(PictureMachine.OfSleep().To(PictureFormat.Svg)).Texts.Select(text => text.Text)];

        words.Should().Contain("guest asks for low power in PMCSR").And.NotContain("guest writes configuration space");
    }

    [Fact]
    public void The_same_again_and_again_has_words_once()
    {
        PictureMachine machine = new();
        for (int time = 0; time < 40; time++)
        {
            machine.Port.HostConfig.Read(0, new byte[4]);
        }

        new SvgReader(machine.Host.Trace.ToPicture().To(PictureFormat.Svg)).Texts.Select(text => text.Text)
            .Should().Contain("host reads configuration space ×40");
    }

    [Theory]
    [InlineData("<script>alert('&')</script> ]]> \" \u0000\u0008\ufffe")]
    [InlineData("half a pair \ud800 and a whole one \ud83d\ude00")]
    [InlineData("a name as long as nobody would ever have thought of giving to any device of his own")]
    public void Whatever_a_device_is_called_the_drawing_is_XML_and_names_it(string name)
    {
        RuntimePmCore core = new();
        HostTrace trace = new(core);
        core.AddDevice(name).Enable();
        core.AddDevice("child", core.Devices[0]);

        SvgReader drawing = new(trace.ToPicture(name).To(PictureFormat.Svg));

        string beginning = name[..8];
        drawing.Tooltips.Should().Contain(tooltip => tooltip.StartsWith(beginning, StringComparison.Ordinal));
        drawing.ElementNames.Should().NotContain("script");
        ShouldBeReadable(drawing);
    }

    [Fact]
    public void A_picture_of_a_moment_and_one_of_nothing_can_be_drawn()
    {
        SimulatedHost host = new();
        ShouldBeReadable(new SvgReader(host.Trace.ToPicture().To(PictureFormat.Svg)));
        host.AddEndpoint("0000:00:04.0");

        SvgReader drawing = new(host.Trace.ToPicture().To(PictureFormat.Svg));

        ShouldBeReadable(drawing);
        drawing.Texts.Select(text => text.Text).Should().Contain("D0").And.Contain("unknown");
    }

    [Fact]
    public void Twelve_functions_can_be_read()
    {
        SimulatedHost host = new(KernelProfile.RfcV1);
        for (int number = 1; number <= 12; number++)
        {
            PciDevice function = host.AddEndpoint($"0000:00:{number:x2}.0");
            host.VfioPci.Bind(function).Open().Config.WritePmcsrState(PowerState.D3Hot);
            host.Clock.Advance(TimeSpan.FromMilliseconds(7));
        }

        host.Clock.Advance(TimeSpan.FromSeconds(2));

        ShouldBeReadable(new SvgReader(host.Trace.ToPicture("twelve").To(PictureFormat.Svg)));
    }

    [Fact]
    public void The_demo_can_be_read() => ShouldBeReadable(new SvgReader(PictureMachine.OfSleep().To(PictureFormat.Svg)));

    /// <summary>No text meets another, and none is cut off.</summary>
    internal static void ShouldBeReadable(SvgReader drawing)
    {
        IReadOnlyList<TextBox> texts = drawing.Texts;
        texts.Should().OnlyContain(text =>
            text.Left >= 0 && text.Right <= drawing.Width && text.Baseline > 9 && text.Baseline < drawing.Height - 3);
        for (int at = 0; at < texts.Count; at++)
        {
            texts.Skip(at + 1).Where(texts[at].Meets).Should().BeEmpty("{0} has room for itself", texts[at]);
        }
    }
}
