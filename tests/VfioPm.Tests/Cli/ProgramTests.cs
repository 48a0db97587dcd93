using System.Diagnostics;
using VfioPm.Cli;

namespace VfioPm.Tests.Cli;

/// <summary>What the tool says before and instead of what a command says.</summary>
public sealed class ProgramTests
{
    [Fact]
    public void Without_arguments_it_says_what_there_is()
    {
        (int code, string output, string error) = Run();

        code.Should().Be(0);
        output.Should().Contain("Usage:").And.Contain("vfio-pm [command] [options]").And.Contain("replay");
        error.Should().BeEmpty();
        Run("--help").Should().Be((code, output, error));
    }

    [Theory]
    [InlineData("show", "{0}")]
    [InlineData("export", "{0}")]
    [InlineData("timeline", "{0}")]
    [InlineData("demo", "-o", "{0}", "--json")]
    public void A_folder_where_there_should_be_a_file_is_said_in_a_line(params string[] arguments)
    {
        DirectoryInfo around = Directory.CreateTempSubdirectory("vfio-pm-cli-");
        string folder = around.CreateSubdirectory("one.svg").FullName;

        (int code, _, string error) = Run(Array.ConvertAll(
            arguments, argument => string.Format(System.Globalization.CultureInfo.InvariantCulture, argument, folder)));
        around.Delete(recursive: true);

        code.Should().Be(2);
        error.TrimEnd().Should().StartWith($"vfio-pm: {folder}: a folder").And.NotContain("\n");
    }

    [Theory]
    [InlineData("there is no \"frob\"; there are demo, show, export, run, replay, serve, timeline, explore, and --help", "frob")]
    [InlineData("there is no \"help\"; there are demo, show, export, run, replay, serve, timeline, explore, and --help", "help", "demo")]
    [InlineData("there is no \"--frob\"; there are demo, show, export, run, replay, serve, timeline, explore, and --help", "--frob")]
    [InlineData("there is no \"\"; there are demo, show, export, run, replay, serve, timeline, explore, and --help", "")]
    [InlineData("{0}/none: no such file", "show", "{0}/none")]
    [InlineData("{0}/none: no such file", "explore", "merge", "{0}/none")]
    [InlineData("{0}/none.sc: no such file", "run", "{0}/none.sc")]
    [InlineData("{0}: neither a scenario nor a recording in this folder (.sc, .jsonl, .jsonl.gz, .br)", "run", "{0}")]
    [InlineData("There is no profile \"x\"; there are linux-5.10, pre-rfc, rfc-v1, linux-6.1, linux-6.12, linux-7.3, rfc-v2, rfc-v3, rfc-v4, rfc-v5.", "run", "{0}/x.sc", "--profile", "x")]
    [InlineData("Depth ('0') must be a non-negative and non-zero value.", "explore", "--profile", "rfc-v1", "--depth", "0")]
    public void A_mistake_is_said_in_the_words_of_its_user(string told, params string[] arguments)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("vfio-pm-cli-");
        string Named(string text) => text.Replace("{0}", folder.FullName, StringComparison.Ordinal);

        (int code, _, string error) = Run(Array.ConvertAll(arguments, Named));
        folder.Delete();

        error.TrimEnd().Should().Be($"vfio-pm: {Named(told)}");
        code.Should().Be(2);
    }

    [Fact]
    public async Task It_stops_without_a_word_when_nobody_reads_it_any_more()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "pipes are others there");
        using Process process = Start("dotnet", "exec", typeof(Program).Assembly.Location, "demo");
        process.StandardOutput.Close();

        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        error.Should().BeEmpty();
        process.ExitCode.Should().Be(2);
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("--help")]
    [InlineData("show {0}")]
    public async Task A_standard_output_that_is_closed_is_said_in_a_line(string arguments)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the shell is another there");
        string dump = Path.GetTempFileName();
        File.WriteAllText(dump, DeviceImages.E1000E.ToLspci());
        string command = arguments.Replace("{0}", dump, StringComparison.Ordinal);

        using Process shell = Start("sh", "-c", $"dotnet exec '{typeof(Program).Assembly.Location}' {command} >&-");
        string error = await shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        File.Delete(dump);

        error.TrimEnd().Should().Be("vfio-pm: standard output is closed");
        shell.ExitCode.Should().Be(2);
    }

    [Fact]
    public async Task Several_write_to_one_file_one_after_the_other()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the shell is another there");
        string tool = $"dotnet exec '{typeof(Program).Assembly.Location}' --version";
        string file = Path.GetTempFileName();

        using Process shell = Start("sh", "-c", $"({tool}; echo between; {tool}) > '{file}'");
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        string[] lines = File.ReadAllLines(file);
        File.Delete(file);

        lines.Should().HaveCount(3).And.HaveElementAt(1, "between");
        lines[2].Should().Be(lines[0]);
    }

    [Fact]
    public void A_disk_that_is_full_is_said_in_a_line()
    {
        using var error = new StringWriter();

        Program.Run(["demo"], new FullDisk(), error).Should().Be(2);

        error.ToString().TrimEnd().Should().Be("vfio-pm: No space left on device");
    }

    [Fact]
    public void What_it_exits_with_is_documented() =>
        SourceFiles.Read("docs/tool.md").Should().Contain("| 0 |").And.Contain("| 1 |").And.Contain("| 2 |");

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (Program.Run(arguments, output, error), output.ToString(), error.ToString());
    }

    private static Process Start(string file, params string[] arguments) => Process.Start(new ProcessStartInfo(file, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private sealed class FullDisk : StringWriter
    {
        public override void Write(string? value) => throw new IOException("No space left on device");

        public override void WriteLine(string? value) => throw new IOException("No space left on device");
    }
}
