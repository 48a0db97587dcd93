namespace VfioPm.Tests;

/// <summary>The test that the README shows is one that runs.</summary>
public sealed class ReadmeTextTests
{
    private const string Fence = "```";

    [Fact]
    public void The_test_in_the_README_is_ReadmeTest() =>
        LinesOfReadme().Should().Equal(LinesOfTest(), "README.md shows tests/VfioPm.Tests/Scenarios/ReadmeTest.cs");

    [Theory]
    [InlineData("dotnet run --project src/VfioPm.Cli -- demo")]
    [InlineData("dotnet test VfioPm.sln")]
    public void The_README_says_how_to_run_it(string command) =>
        SourceFiles.Read("README.md").Split('\n').Should().Contain(command);

    [Fact]
    public void The_README_links_to_files_that_exist() => SourceFiles.Read("README.md")
        .Split("](")
        .Skip(1)
        .Select(link => link[..link.IndexOf(')', StringComparison.Ordinal)])
        .Should().OnlyContain(link => File.Exists(Path.Combine(SourceFiles.Root, link)));

    private static string[] LinesOfReadme()
    {
        string[] lines = SourceFiles.Read("README.md").Split('\n');
        int begin = Array.IndexOf(lines, Fence + "csharp") + 1;
        return lines[begin..Array.IndexOf(lines, Fence, begin)];
    }

    /// <summary>The method, moved to the left margin.</summary>
    private static string[] LinesOfTest()
    {
        string[] lines = SourceFiles.Read("tests/VfioPm.Tests/Scenarios/ReadmeTest.cs").Split('\n');
        int begin = Array.IndexOf(lines, "    [Fact]");
        int end = Array.IndexOf(lines, "    }", begin) + 1;
        return [.. lines[begin..end].Select(line => line.Length > 4 ? line[4..] : "")];
    }
}
