using System.IO.Compression;
using System.Text;
using VfioPm.Cli;

namespace VfioPm.Tests.Cli;

/// <summary>What has no end is read as far as it may go, and what is beside it is played.</summary>
public sealed class BoundedInputTests : IDisposable
{
    private const int Line = 1 << 20;
    private const string Good = "deferred_resume_runs_after_suspend";
    private const string Zeros = "/dev/zero";

    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("vfio-pm-bounded-").FullName;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("replay")]
    [InlineData("timeline")]
    [InlineData("run")]
    [InlineData("show")]
    [InlineData("export")]
    [InlineData("explore", "merge")]
    [InlineData("run", "--topology")]
    public void What_never_ends_is_not_read_to_the_end(params string[] command)
    {
        Assert.SkipUnless(File.Exists(Zeros), "only Unix has it");
        string[] more = command.Contains("--topology") ? [Write("a.sc", "sleep 1")] : [];

        Run([.. command, Zeros, .. more]).Should().Be(2);

        SaidOf(Zeros).Should().Contain("is longer than");
    }

    [Fact]
    public void A_line_may_be_as_long_as_it_may_and_no_longer()
    {
        string good = RpmRecordings.TextOf("linux-6.1", Good);
        string[] lines = good.Split('\n');
        string first = lines[1].Replace("{\"i\":0", $"{{\"x\":\"{new string('a', Line - lines[1].Length - 7)}\",\"i\":0", StringComparison.Ordinal);
        first.Length.Should().Be(Line);

        Run("replay", Write("a.jsonl", good.Replace(lines[1], first, StringComparison.Ordinal))).Should().Be(1, "only the field is unknown");
        Run("replay", Write("b.jsonl", good.Replace(lines[1], $"{first} ", StringComparison.Ordinal))).Should().Be(2);

        SaidOf("b.jsonl").Should().EndWith("b.jsonl:2: the line is longer than 1,048,576 characters");
    }

    [Theory]
    [InlineData(".jsonl.gz")]
    [InlineData(".br")]
    public void A_little_file_that_unpacks_to_much_is_refused_and_the_others_are_played(string extension)
    {
        string bomb = Path.Combine(_folder, $"bomb{extension}");
        byte[] objects = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{}\n", 10_000)));
        using (FileStream file = File.Create(bomb))
        using (Stream packed = extension == ".br" ? new BrotliStream(file, CompressionLevel.Fastest) : new GZipStream(file, CompressionLevel.Fastest))
        {
            for (int i = 0; i < 100; i++)
            {
                packed.Write(objects);
            }
        }

        string good = Write("good.jsonl", RpmRecordings.TextOf("linux-6.1", Good));

        Run("replay", bomb, good).Should().Be(2);

        SaidOf(bomb).Should().Contain("at most 20000 events");
        _output.ToString().TrimEnd().Should().EndWith("files 1, diverging 0, events 17, divergences 0, not played 1");
    }

    [Theory]
    [InlineData("\"len\":2147483647", "\"len\" is 2147483647, and not from 0 to 262144")]
    [InlineData("\"len\":-5", "\"len\" is -5, and not from 0 to 262144")]
    [InlineData("\"len\":\"4\"", "\"len\" is missing or not what it should be")]
    [InlineData("\"len\":1e300", "\"len\" is missing or not what it should be")]
    public void A_length_that_nobody_has_memory_for_is_refused(string length, string problem)
    {
        string text = new RecordingArchive("linux-6.1/a").TextOf("open-close");
        string[] lines = text.TrimEnd().Split('\n');
        string read = $$"""{"i":9,"t0":{{StartOf(lines[2])}},"t1":{{StartOf(lines[2])}},"op":"cfg_read","bdf":"0000:01:00.0","off":0,{{length}}}""";
        string file = Write("a.jsonl", string.Join('\n', [.. lines[..3], read, .. lines[3..]]));

        Run("replay", file).Should().Be(2);

        SaidOf(file).Should().Be($"{file}:4: {problem}");
    }

    [Fact]
    public void Half_a_character_is_no_text()
    {
        string text = RpmRecordings.TextOf("linux-6.1", Good).Replace("\"i\":3", "\"i\":3,\"note\":[\"\\uD83D\"]", StringComparison.Ordinal);
        string file = Write("a.jsonl", text);

        Run("replay", file).Should().Be(2);

        SaidOf(file).Should().StartWith($"{file}:5: ");
    }

    [Theory]
    [InlineData("t1", 24 * 60 * 60 * 1000 + 1, 2)]
    [InlineData("t1", 24 * 60 * 60 * 1000, 0)]
    public void A_recording_is_of_a_day_at_most(string field, long after, int code)
    {
        string text = new RecordingArchive("linux-6.1/a").TextOf("open-close");
        string[] lines = text.TrimEnd().Split('\n');
        string last = System.Text.RegularExpressions.Regex.Replace(
            lines[^1], $"\"{field}\":\\d+", $"\"{field}\":{StartOf(lines[1]) + after}");
        string file = Write("a.jsonl", string.Join('\n', [.. lines[..^1], last]));

        Run("replay", file).Should().Be(code, _error.ToString());
    }

    [Theory]
    [InlineData("cfg_sweep ep 0 4096 1", "at most 20000 operations")]
    [InlineData("sleep 86400000", "at most 24 hours")]
    public void A_scenario_of_few_lines_may_not_be_of_many_operations_or_of_years(string line, string problem)
    {
        string file = Write("a.sc", string.Join('\n', Enumerable.Repeat(line, 10)));

        Run("run", file).Should().Be(2);

        SaidOf(file).Should().MatchRegex($"a.sc:[25]:1: .*{problem}");
    }

    [Fact]
    public void A_header_of_a_thousand_devices_is_refused()
    {
        string text = RpmRecordings.TextOf("linux-6.1", Good);
        string devices = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"{{\"name\":\"d{i}\",\"suppliers\":[],\"callbacks\":{{}}}}"));
        string file = Write("a.jsonl", text.Replace("\"devices\":[", $"\"devices\":[{devices},", StringComparison.Ordinal));

        Run("replay", file).Should().Be(2);

        SaidOf(file).Should().Be($"{file}:1: \"devices\" has more than 256");
    }

    [Fact]
    public void Links_that_lead_in_circles_are_not_followed()
    {
        Write("a/good.jsonl", RpmRecordings.TextOf("linux-6.1", Good));
        Write("a/b/c.sc", "sleep 1");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "a/up"), "..");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "a/b/here"), ".");
        File.CreateSymbolicLink(Path.Combine(_folder, "a/self.jsonl"), "self.jsonl");
        File.CreateSymbolicLink(Path.Combine(_folder, "a/other.jsonl"), "good.jsonl");

        Run("replay", _folder).Should().Be(2);

        SaidOf("self.jsonl").Should().StartWith(Path.Combine(_folder, "a/self.jsonl:1: "));
        _output.ToString().Should().StartWith("files 2, ", "a link to a file is one");

        _output.GetStringBuilder().Clear();
        Run("run", _folder).Should().Be(0);
        _output.ToString().Should().StartWith("c on rfc-v1");
    }

    /// <summary>Nobody writes to it: who opened it waited for ever.</summary>
    [Theory]
    [InlineData("replay")]
    [InlineData("timeline")]
    [InlineData("run")]
    [InlineData("show")]
    [InlineData("explore", "merge")]
    public void A_pipe_that_has_the_name_of_a_file_is_not_waited_for(params string[] command)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Unix has it");
        string pipe = MakePipe("a.jsonl");

        Run([.. command, pipe]).Should().Be(2);

        SaidOf(pipe).Should().EndWith($"'{pipe}' has nothing in it, or is a pipe or a socket.");
    }

    [Fact]
    public void A_pipe_in_a_folder_is_said_and_the_others_are_played()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Unix has it");
        MakePipe("a.jsonl");
        Write("b.jsonl", RpmRecordings.TextOf("linux-6.1", Good));

        Run("replay", _folder).Should().Be(2);

        _output.ToString().TrimEnd().Should().EndWith("files 1, diverging 0, events 17, divergences 0, not played 1");
    }

    [Fact]
    public void A_folder_that_may_not_be_read_is_said_and_the_others_are_played()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root reads everything");
        Write("good.jsonl", RpmRecordings.TextOf("linux-6.1", Good));
        string secret = Directory.CreateDirectory(Path.Combine(_folder, "secret")).FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(secret, UnixFileMode.None);
        }

        Run("replay", _folder).Should().Be(2);

        SaidOf(secret).Should().StartWith($"{secret}:1: Access to the path");
        _output.ToString().Should().StartWith("files 1, ");
    }

    [Fact]
    public void What_a_message_quotes_stays_on_its_line()
    {
        string file = Write("a.sc", $"bind \u001b[31m{new string('x', 5000)}\u2028y\u0000");

        Run("run", file).Should().Be(2);

        string said = SaidOf(file);
        said.Should().Contain(@"found ""\x1b[31mxxx").And.NotContain("\u001b").And.HaveLength(said.IndexOf('…', StringComparison.Ordinal) + 1);
        (said.Length < 1100).Should().BeTrue();
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("--help")]
    [InlineData("replay")]
    [InlineData("timeline")]
    public void An_output_that_is_full_or_closed_is_said_once(string command)
    {
        string good = Write("a.jsonl", RpmRecordings.TextOf("linux-6.1", Good).Replace("\"ret\":0", "\"ret\":1", StringComparison.Ordinal));
        string[] arguments = command is "replay" or "timeline" ? [command, good] : [command];

        foreach (Exception problem in new Exception[] { new IOException("No space left on device"), new UnauthorizedAccessException("Closed") })
        {
            _error.GetStringBuilder().Clear();
            using Unwritable output = new(problem);

            Program.Run(arguments, output, _error).Should().Be(2);
            Program.Run(arguments, output, output).Should().Be(2, "nobody is left to tell it to");

            _error.ToString().TrimEnd().Should().Be($"vfio-pm: {problem.Message}");
        }
    }

    private unsafe string MakePipe(string name)
    {
        const int ForOwner = 0x180;
        string path = Path.Combine(_folder, name);
        fixed (byte* bytes = Encoding.UTF8.GetBytes($"{path}\0"))
        {
            Tmds.Linux.LibC.mkfifo(bytes, ForOwner).Should().Be(0);
        }

        return path;
    }

    private static long StartOf(string line) => (long)System.Text.Json.Nodes.JsonNode.Parse(line)!["t0"]!;

    private int Run(params string[] arguments) => Program.Run(arguments, _output, _error);

    /// <summary>The one line that was said, which is of a file.</summary>
    private string SaidOf(string file)
    {
        string[] lines = [.. _error.ToString().ReplaceLineEndings("\n").TrimEnd().Split('\n').Select(line => line.Replace("vfio-pm: ", "", StringComparison.Ordinal))];
        return lines.Should().ContainSingle().Which.Should().Contain(file).And.Subject;
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>What <c>/dev/full</c> is, or a descriptor that is closed.</summary>
    private sealed class Unwritable(Exception problem) : StringWriter
    {
        public override void Write(char value) => throw problem;

        public override void Write(string? value) => throw problem;

        public override void Write(char[] buffer, int index, int count) => throw problem;

        public override void WriteLine(string? value) => throw problem;
    }
}
