using VfioPm.Cli;

namespace VfioPm.Tests.Cli;

/// <summary>Nothing that is read is written to, whatever it is called, and nothing is written outside of where it should be.</summary>
public sealed class OutputFileTests : IDisposable
{
    private const string Good = "deferred_resume_runs_after_suspend";

    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("vfio-pm-output-").FullName;
    private readonly string _text = RpmRecordings.TextOf("linux-6.1", Good);

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData(".")]
    [InlineData("sub/..")]
    [InlineData("link")]
    [InlineData("chain")]
    public void The_recording_that_is_read_is_not_overwritten_by_what_the_model_did(string emitted)
    {
        string file = Write("a.jsonl", Spaced);
        Directory.CreateDirectory(In("sub"));
        Directory.CreateSymbolicLink(In("link"), _folder);
        Directory.CreateSymbolicLink(In("chain"), "sub/../link");

        Run("replay", file, "--emit", In(emitted)).Should().Be(2);

        Said().Should().Contain("is what is read, and is not overwritten");
        File.ReadAllText(file).Should().Be(Spaced);
    }

    [Fact]
    public void A_recording_that_is_read_later_is_not_overwritten_either()
    {
        string first = Write("x/a.jsonl", _text);
        string later = Write("y/a.jsonl", Spaced);

        Run("replay", first, later, "--emit", In("y")).Should().Be(2);

        File.ReadAllText(later).Should().Be(Spaced);
    }

    [Fact]
    public void Two_recordings_of_one_name_are_not_written_over_each_other()
    {
        string first = Write("x/a.jsonl", _text);
        string second = Write("y/a.jsonl", Spaced);

        Run("replay", first, second, "--emit", In("out")).Should().Be(2);

        Said().Should().Contain("was written in this run already");
    }

    [Theory]
    [InlineData("replay")]
    [InlineData("run")]
    public void A_file_is_no_folder_to_write_to(string command)
    {
        string file = Write("a.jsonl", command == "run" ? new RecordingArchive("linux-6.1/a").TextOf("open-close") : _text);

        Run(command, file, "--emit", file).Should().Be(2);

        Said().Should().EndWith($"{file}: a file, and no folder");
    }

    [Fact]
    public void A_recording_that_breaks_off_is_left_out_of_what_is_written_and_the_others_are_whole()
    {
        string broken = _text.Replace("\"call\":\"put\"", "\"call\":\"teleport\"", StringComparison.Ordinal);
        string file = Write("a.jsonl", _text + broken + _text);

        Run("replay", file, "--emit", In("out")).Should().Be(2);

        string[] emitted = File.ReadAllLines(In("out/a.jsonl"));
        emitted.Should().HaveCount(2 * _text.TrimEnd().Split('\n').Length);
        emitted[..(emitted.Length / 2)].Should().Equal(emitted[(emitted.Length / 2)..]);
    }

    [Theory]
    [InlineData("../../../escaped")]
    [InlineData("/tmp/escaped")]
    [InlineData("..")]
    public void A_scenarios_name_does_not_lead_out_of_the_folder(string name)
    {
        string file = Write("a.sc", $"# name: {name}\nsleep 1");

        Run("run", file, "--emit", In("out")).Should().Be(2);

        Said().Should().Contain("is none for a file");
        Directory.Exists(In("out")).Should().BeFalse();
    }

    [Fact]
    public void A_picture_is_not_drawn_over_what_it_is_made_of()
    {
        string file = Write("a.txt", _text);

        Run("timeline", file, "-o", In("./a.txt")).Should().Be(2);

        Said().Should().Contain("is what is read");
        File.ReadAllText(file).Should().Be(_text);
    }

    [Fact]
    public void Links_in_a_circle_are_no_file_and_found_out()
    {
        File.CreateSymbolicLink(In("one"), "two");
        File.CreateSymbolicLink(In("two"), "one");
        string file = Write("a.jsonl", _text);

        Run("replay", file, In("one"), "--emit", In("two")).Should().Be(2);

        _error.ToString().Split('\n').Should().HaveCount(3, "two lines");
    }

    /// <summary>The same, written otherwise than the model would.</summary>
    private string Spaced => _text.Replace("{\"i\"", "{ \"i\"", StringComparison.Ordinal);

    private int Run(params string[] arguments) => Program.Run(arguments, _output, _error);

    private string Said() => _error.ToString().TrimEnd().Split('\n').Should().ContainSingle().Subject;

    private string In(string name) => Path.Combine(_folder, name);

    private string Write(string name, string text)
    {
        string path = In(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
