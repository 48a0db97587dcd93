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

    private sealed class FullDisk : StringWriter
    {
        public override void Write(string? value) => throw new IOException("No space left on device");

        public override void WriteLine(string? value) => throw new IOException("No space left on device");
    }
}
