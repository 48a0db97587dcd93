using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>What keeps the source easy to hold.</summary>
public sealed partial class StyleTests
{
    private const int LongestFile = 400;

    private static IEnumerable<string> AllFiles => SourceFiles.In("src").Concat(SourceFiles.In("tests"));

    [Fact]
    public void No_file_is_longer_than_400_lines() => AllFiles
        .Where(file => File.ReadLines(file).Count() > LongestFile)
        .Select(SourceFiles.NameOf)
        .Should().BeEmpty();

    [Fact]
    public void Nobody_asks_which_profile_it_is_profiles_are_made_of_rules() => SourceFiles.In("src/VfioPm")
        .Where(file => ProfileQuestion().IsMatch(File.ReadAllText(file)))
        .Select(SourceFiles.NameOf)
        .Should().BeEmpty();

    [Fact]
    public void Everything_is_in_one_namespace() => SourceFiles.In("src/VfioPm")
        .Where(file => !File.ReadAllText(file).Contains("namespace VfioPm;", StringComparison.Ordinal))
        .Select(SourceFiles.NameOf)
        .Should().BeEmpty();

    [GeneratedRegex(@"(?i)profile\s*[!=]=|[!=]=\s*KernelProfile|profile\s+(?:is|switch)\b|KernelProfile\.\w+\s*=>")]
    private static partial Regex ProfileQuestion();
}
