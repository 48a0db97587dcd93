using System.Reflection;
using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>The tests that docs/kernel-rounds.md names are there.</summary>
public sealed partial class KernelRoundTests
{
    private static readonly HashSet<string> Tests = [.. typeof(KernelRoundTests).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods())
        .Where(method => method.GetCustomAttributes<FactAttribute>().Any())
        .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")];

    private static readonly List<Match> Rows = [.. SourceFiles.Read("docs/kernel-rounds.md").Split('\n')
        .Select(line => Row().Match(line)).Where(row => row.Success)];

    [Fact]
    public void Each_row_has_a_test_and_each_test_that_it_names_is_there()
    {
        Rows.Should().HaveCountGreaterThan(16);
        Rows.Where(row => NamesOf(row).Length == 0).Select(row => row.Value).Should().BeEmpty();
        Rows.SelectMany(NamesOf).Where(test => !Tests.Contains(test)).Should().BeEmpty();
    }

    private static string[] NamesOf(Match row) => [.. Test().Matches(row.Groups[2].Value).Select(test => test.Groups[1].Value)];

    [GeneratedRegex(@"^\| (\d+) \|.*\| ([^|]*) \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+\.\w+)`")]
    private static partial Regex Test();
}
