using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>docs/decisions has short records of one form, and a list of them.</summary>
public sealed partial class DecisionTests
{
    private const string Folder = "docs/decisions";
    private const int LongestRecord = 70;

    public static TheoryData<string> Records =>
    [
        .. Directory.EnumerateFiles(Path.Combine(SourceFiles.Root, Folder), "0*.md")
            .Select(file => Path.GetFileName(file)!)
            .Order(StringComparer.Ordinal),
    ];

    [Fact]
    public void The_list_has_each_record_with_its_title_and_no_other() => Entry().Matches(SourceFiles.Read($"{Folder}/README.md"))
        .Select(entry => $"{entry.Groups["file"].Value}: {entry.Groups["number"].Value}: {entry.Groups["title"].Value}")
        .Should().Equal(Records.Select(record => $"{record.Data}: {LinesOf(record.Data)[0].TrimStart('#', ' ')}"));

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_is_short_and_says_context_decision_and_consequences(string record)
    {
        string[] lines = LinesOf(record);

        lines.Length.Should().BeLessThan(LongestRecord);
        lines[0].Should().StartWith($"# {record[..4]}: ");
        lines.Where(line => line.StartsWith("## ", StringComparison.Ordinal))
            .Should().Equal("## Context", "## Decision", "## Consequences");
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_links_to_files_that_exist(string record) => Link().Matches(SourceFiles.Read($"{Folder}/{record}"))
        .Select(link => link.Groups[1].Value)
        .Where(link => !File.Exists(Path.Combine(SourceFiles.Root, Folder, link)))
        .Should().BeEmpty();

    private static string[] LinesOf(string record) => SourceFiles.Read($"{Folder}/{record}").Split('\n');

    [GeneratedRegex(@"^\| \[(?<number>\d{4})\]\((?<file>[^)]+)\) \| (?<title>.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"\]\(([^)#]+)")]
    private static partial Regex Link();
}
