using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>What docs/kernel-functions.md says models a kernel function does, and of what it says that nothing does, nothing does.</summary>
public sealed partial class KernelTableTests
{
    private static readonly List<Source> Sources = [.. SourceFiles.In("src/VfioPm").Select(file => new Source(
        [.. Declaration().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)],
        [.. Function().Matches(File.ReadAllText(file)).Select(match => match.Value)],
        [.. Word().Matches(File.ReadAllText(file)).Select(match => match.Value)]))];

    private static readonly List<Match> Rows = [.. SourceFiles.Read("docs/kernel-functions.md").Split('\n')
        .Select(line => Row().Match(line)).Where(row => row.Success)];

    [Fact]
    public void Each_method_is_there_and_its_file_names_the_function()
    {
        List<Match> modelled = [.. Rows.Where(row => Method().IsMatch(row.Groups[2].Value))];

        modelled.Should().HaveCountGreaterThan(200);
        modelled.Where(row => !IsThere(Method().Match(row.Groups[2].Value).Groups[1].Value.Split('.'), row.Groups[1].Value))
            .Select(row => row.Value).Should().BeEmpty();
    }

    [Fact]
    public void A_function_that_nothing_models_is_named_nowhere()
    {
        HashSet<string> named = [.. Sources.SelectMany(source => source.Functions)];

        Rows.Where(row => !Method().IsMatch(row.Groups[2].Value))
            .SelectMany(row => Function().Matches(row.Groups[1].Value))
            .Select(function => function.Value)
            .Where(named.Contains)
            .Should().BeEmpty();
    }

    [Fact]
    public void Each_function_has_one_row_for_each_file_that_has_it()
    {
        string[] sections = SourceFiles.Read("docs/kernel-functions.md").Split("\n## ");

        sections.SelectMany(section => section.Split('\n').Where(line => Row().IsMatch(line))
                .SelectMany(line => Function().Matches(Row().Match(line).Groups[1].Value))
                .GroupBy(function => function.Value)
                .Where(rows => rows.Count() > 1)
                .Select(rows => rows.Key))
            .Should().BeEmpty();
    }

    private static bool IsThere(string[] method, string functions) => Sources.Exists(source =>
        source.Types.Contains(method[0])
        && source.Words.Contains(method[^1])
        && Function().Matches(functions).All(function => source.Functions.Contains(function.Value)));

    [GeneratedRegex(@"^\| ((?:`\w+\(\)`(?:, )?)+) \| (.+?) \| [\d., ]*\|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"^`([\w.]+)`$")]
    private static partial Regex Method();

    [GeneratedRegex(@"\w+\(\)")]
    private static partial Regex Function();

    [GeneratedRegex(@"\b(?:class|struct|interface|record|enum) (\w+)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    private sealed record Source(HashSet<string> Types, HashSet<string> Functions, HashSet<string> Words);
}
