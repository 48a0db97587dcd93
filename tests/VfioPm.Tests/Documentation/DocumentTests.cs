namespace VfioPm.Tests;

/// <summary>What README.md and docs/*.md show is what the tests compile and run, and what they link to is there.</summary>
public sealed class DocumentTests
{
    /// <summary>Code, and what it prints. Other blocks are commands and sketches.</summary>
    private static readonly string[] CheckedLanguages = ["csharp", "text"];

    public static TheoryData<string> Documents() =>
    [
        "README.md",
        .. Directory.EnumerateFiles(Path.Combine(SourceFiles.Root, "docs"), "*.md")
            .Select(SourceFiles.NameOf)
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Code_in_a_document_is_code_of_a_test(string document)
    {
        string[][] tests = [.. SourceFiles.In("tests").Select(file => File.ReadAllText(file).Split('\n'))];

        foreach (string[] block in CodeBlocks.In(SourceFiles.Read(document), CheckedLanguages))
        {
            tests.Should().Contain(
                test => CodeBlocks.Contains(test, block),
                "{0} shows, and a test should run:\n{1}\n",
                document,
                string.Join('\n', block));
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_lead_to_files_that_exist(string document)
    {
        string folder = Path.GetDirectoryName(Path.Combine(SourceFiles.Root, document))!;

        SourceFiles.Read(document)
            .Split("](")
            .Skip(1)
            .Select(link => link[..link.IndexOf(')', StringComparison.Ordinal)])
            .Where(link => !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith('#'))
            .Where(link => !File.Exists(Path.Combine(folder, link)))
            .Should().BeEmpty();
    }

    [Theory]
    [InlineData("dotnet run --project src/VfioPm.Cli -- demo")]
    [InlineData("dotnet test VfioPm.sln")]
    public void The_README_says_how_to_run_it(string command) =>
        SourceFiles.Read("README.md").Split('\n').Should().Contain(command);

    [Fact]
    public void A_block_is_found_however_far_it_is_indented_and_only_whole()
    {
        string[] source = ["    {", "        one();", "", "            two();", "    }"];

        CodeBlocks.Contains(source, ["one();", "", "    two();"]).Should().BeTrue();
        CodeBlocks.Contains(source, ["one();", "", "two();"]).Should().BeFalse();
        CodeBlocks.Contains(source, ["one();", "three();"]).Should().BeFalse();
    }
}
