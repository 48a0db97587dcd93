using VfioPm.Cli;

namespace VfioPm.Tests.Cli;

/// <summary><c>vfio-pm run</c>: scenarios on one kernel, on several beside each other, and what is wrong with them.</summary>
public sealed class RunCommandTests : IDisposable
{
    private const string LowPower = """
        # name: low-power
        bind ep
        open ep
        feature ep set 3
        open ep1
        close ep
        unbind ep
        """;

    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("vfio-pm-run-").FullName;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void On_one_kernel_each_operation_is_shown_with_what_came_of_it_and_then_the_timeline()
    {
        Run(Write("a.sc", LowPower), "--profile", "linux-6.1").Should().Be(0);

        Lines().Should().ContainInOrder(
            "low-power on linux-6.1, topology b",
            "      at first                      rp D0  ep D0",
            "   4  feature ep set 3  0           rp D3cold  ep D3cold",
            "   5  open ep1          left out: there is no ep1");
        Lines().Should().Contain(line => line.Contains("bound to vfio-pci", StringComparison.Ordinal));
    }

    [Fact]
    public void On_several_kernels_it_is_said_where_they_part()
    {
        Run(Write("a.sc", LowPower), "--profile", "linux-5.10", "--profile", "pre-rfc", "--topology", "a").Should().Be(0);

        Lines().Should().Contain("they part at line 2: bind ep");
        Lines().Should().Contain(line => line.StartsWith("        ep.ps ", StringComparison.Ordinal), "5.10 has no power_state");
    }

    [Fact]
    public void Kernels_that_do_the_same_are_said_to()
    {
        Run(Write("a.sc", LowPower), "--profile", "linux-6.1", "--profile", "linux-7.3", "--topology", "d").Should().Be(0);

        Lines().Should().Contain("they do the same").And.Contain("   5  open ep1          left out: there is no ep1");
    }

    [Fact]
    public void Recordings_are_written_that_a_replay_reads_and_agrees_with()
    {
        Run(Write("a.sc", LowPower), "--profile", "linux-6.1", "--profile", "linux-7.3", "--emit", _folder).Should().Be(0);

        foreach (string profile in new[] { "linux-6.1", "linux-7.3" })
        {
            string recording = Path.Combine(_folder, profile, "b", "low-power.jsonl");
            Program.Run(["replay", recording], _output, _error).Should().Be(0, _error.ToString() + _output);
        }
    }

    [Fact]
    public void A_recording_is_played_again_on_its_machine_and_another_kernel()
    {
        string recording = Write("a.jsonl", new RecordingArchive("linux-6.1/a").TextOf("open-close"));

        Run(recording, "--profile", "linux-7.3").Should().Be(0);

        Lines().Should().Contain(line => line.StartsWith("open-close on linux-7.3", StringComparison.Ordinal));
        Lines().Should().Contain(line => line.Contains("open ep ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_is_all_its_scenarios_in_order_of_name()
    {
        Write("b.sc", "# name: second\nsleep 1");
        Write("a.sc", "# name: first\nsleep 1");

        Run(_folder).Should().Be(0);

        Lines().Where(line => line.Contains(", topology ", StringComparison.Ordinal))
            .Should().Equal("first on rfc-v1, topology b", "second on rfc-v1, topology b");
    }

    [Fact]
    public void A_scenario_is_played_on_the_machine_that_it_is_meant_for_and_on_no_other()
    {
        string file = Write("a.sc", "# topos: f g\nbind ep1");

        Run(file).Should().Be(0);
        Run(file, "--topology", "a").Should().Be(0);

        Lines().Should().Contain("a on rfc-v1, topology f").And.Contain("a: not for rfc-v1 on a, says its head");
    }

    [Fact]
    public void What_happens_is_drawn()
    {
        string picture = Path.Combine(_folder, "out.svg");

        Run(Write("a.sc", LowPower), "--profile", "linux-6.1", "-o", picture).Should().Be(0);

        SvgPictureTests.ShouldBeReadable(new SvgReader(File.ReadAllText(picture)));
    }

    [Fact]
    public void A_mistake_is_told_with_its_place_and_the_others_are_played()
    {
        string good = Write("b.sc", "sleep 1");
        string wrong = Write("a.sc", "bind ep\nopen epp\n");

        Run(wrong, good).Should().Be(2);

        _error.ToString().Should().StartWith($"vfio-pm: {wrong}:2:6: expected a function: ").And.Contain("found \"epp\"");
        Lines()[0].Should().Be("b on rfc-v1, topology b");
    }

    [Fact]
    public void One_recording_of_an_archive_that_is_no_scenario_does_not_keep_the_others_from_being_played()
    {
        string text = new RecordingArchive("linux-6.1/a").TextOf("open-close");
        string file = Write("a.jsonl", text.Replace("\"op\":\"bind\"", "\"op\":\"teleport\"", StringComparison.Ordinal) + text
            + text.Replace("\"platform\"", "\"plate\"", StringComparison.Ordinal));

        Run(file).Should().Be(2);

        _error.ToString().Should().StartWith($"vfio-pm: {file}:2: there is no operation \"teleport\"")
            .And.EndWith($"\"platform\" is not a list{Environment.NewLine}");
        Lines().Should().ContainSingle(line => line.StartsWith("open-close on", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("no profile \"linux-9\"", "--profile", "linux-9")]
    [InlineData("no topology \"z\"", "--topology", "z")]
    [InlineData("one scenario on one kernel", "--profile", "pre-rfc", "--profile", "rfc-v1", "-o", "out.svg")]
    [InlineData("the name ends in none of", "-o", "out.bmp")]
    public void What_cannot_be_used_is_said(string problem, params string[] options)
    {
        Run([Write("a.sc", "sleep 1"), .. options]).Should().Be(2);

        _error.ToString().Should().Contain(problem);
    }

    [Fact]
    public void A_file_that_is_not_there_is_said()
    {
        Run(Path.Combine(_folder, "none.sc")).Should().Be(2);
        Run(Path.Combine(_folder, "none")).Should().Be(2);

        _error.ToString().Split('\n').Should().HaveCount(3).And.Contain(line => line.Contains("none.sc", StringComparison.Ordinal));
    }

    private int Run(params string[] arguments) => Program.Run(["run", .. arguments], _output, _error);

    private string[] Lines() => _output.ToString().ReplaceLineEndings("\n").Split('\n');

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
