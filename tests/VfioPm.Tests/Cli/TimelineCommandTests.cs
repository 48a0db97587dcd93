using VfioPm.Cli;

namespace VfioPm.Tests.Cli;

/// <summary><c>vfio-pm timeline</c>: recordings of both formats, played on the model and drawn.</summary>
public sealed class TimelineCommandTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("vfio-pm-timeline-").FullName;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void A_recording_of_vfio_pci_is_drawn_from_its_first_event_to_its_last()
    {
        string file = Path.Combine(_folder, "out.svg");

        Run("timeline", VfioRecording(), "-o", file).Should().Be(0);

        SvgReader drawing = new(File.ReadAllText(file));
        SvgPictureTests.ShouldBeReadable(drawing);
        drawing.Texts.Select(text => text.Text).Should().Contain(
            ["open-close", "0000:01:00.0", "bound to vfio-pci", "opened", "closed", "unbound from vfio-pci"]);
        _output.ToString().Should().BeEmpty();
    }

    [Fact]
    public void A_recording_of_the_runtime_PM_core_is_drawn_with_the_calls_that_were_made()
    {
        Run("timeline", RpmRecording(), "--format", "svg").Should().Be(0);

        SvgReader drawing = new(_output.ToString());
        SvgPictureTests.ShouldBeReadable(drawing);
        drawing.Texts.Select(text => text.Text).Should().Contain(["autosuspend_timer_runs_out", "c1", "put_autosuspend", "suspended"]);
    }

    [Fact]
    public void Without_a_file_or_a_format_it_is_text_on_the_standard_output()
    {
        Run("timeline", VfioRecording()).Should().Be(0);

        _output.ToString().Should().StartWith("open-close").And.Contain("D3hot → D0").And.Contain(" in all:");
    }

    [Theory]
    [InlineData("out.json", "{")]
    [InlineData("out.vcd", "$version")]
    [InlineData("out.txt", "open-close")]
    public void The_file_s_name_says_how(string name, string beginning)
    {
        string file = Path.Combine(_folder, name);

        Run("timeline", VfioRecording(), "-o", file).Should().Be(0);

        File.ReadAllText(file).Should().StartWith(beginning);
    }

    [Fact]
    public void A_format_says_how_whatever_the_file_is_called()
    {
        string file = Path.Combine(_folder, "trace");

        Run("timeline", VfioRecording(), "--format", "perfetto", "--output", file).Should().Be(0);

        File.ReadAllText(file).Should().StartWith("{");
    }

    [Fact]
    public void What_cannot_be_used_is_said_and_nothing_is_written()
    {
        string recording = VfioRecording();
        string unwritable = Path.Combine(recording, "out.svg");
        string broken = Write("broken.jsonl", "{\"format\":\"vfio-pm-trace/9\"}\n");
        string empty = Write("empty.jsonl", File.ReadLines(recording).First() + "\n");
        string two = Write("two.jsonl", File.ReadAllText(recording) + File.ReadAllText(recording));

        ShouldFail("none.jsonl: no such file or folder", "timeline", "none.jsonl");
        ShouldFail("a folder; a picture is made of one recording", "timeline", _folder);
        ShouldFail($"{two}: 2 recordings; a picture is made of one", "timeline", two);
        ShouldFail($"{broken}:1: format \"vfio-pm-trace/9\" is none of", "timeline", broken);
        ShouldFail($"{empty}:1: the recording has no event", "timeline", empty);
        ShouldFail("out.png: the name ends in none of .txt, .html, .svg, .json, .vcd", "timeline", recording, "-o", "out.png");
        ShouldFail("there is no format \"png\"; there are text, html, svg, perfetto, vcd", "timeline", recording, "--format", "png");
        ShouldFail(recording, "timeline", recording, "-o", unwritable);
        Directory.GetFiles(_folder).Should().BeEquivalentTo([recording, broken, empty, two]);
    }

    private void ShouldFail(string message, params string[] arguments)
    {
        Run(arguments).Should().Be(2);
        _error.ToString().Should().StartWith("vfio-pm: ").And.Contain(message);
        _output.ToString().Should().BeEmpty();
        _error.GetStringBuilder().Clear();
    }

    private int Run(params string[] arguments) => Program.Run(arguments, _output, _error);

    private string VfioRecording() => Write("open-close.jsonl", new RecordingArchive("rfc-v1/b").TextOf("open-close"));

    private string RpmRecording() => Write(
        "timer.jsonl", new RecordingArchive("linux-6.1").TextOf("autosuspend_timer_runs_out"));

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
