using System.Reflection;
using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>The tests that docs/kernel-rounds.md names are there, for each function and each kernel, and so are the recipes.</summary>
public sealed partial class KernelRoundTests
{
    private static readonly Dictionary<string, MethodInfo> Tests = typeof(KernelRoundTests).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods())
        .Where(method => method.GetCustomAttributes<FactAttribute>().Any())
        .ToDictionary(method => $"{method.DeclaringType!.Name}.{method.Name}");

    private static readonly string Cookbook = SourceFiles.Read("docs/cookbook.md");

    private static readonly List<Match> Rows = [.. SourceFiles.Read("docs/kernel-rounds.md").Split('\n')
        .Select(line => Row().Match(line)).Where(row => row.Success)];

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    private static IEnumerable<Match> RowsOfFunctions => Rows.Where(row => Function().IsMatch(row.Groups["where"].Value));

    [Fact]
    public void Each_row_has_a_test_or_a_recipe_and_each_that_it_names_is_there()
    {
        Rows.Should().HaveCountGreaterThan(50);
        Rows.Where(row => NamesOf(row).Length + RecipesOf(row).Length == 0).Select(row => row.Value).Should().BeEmpty();
        Rows.SelectMany(NamesOf).Where(test => !Tests.ContainsKey(test)).Should().BeEmpty();
        Rows.SelectMany(RecipesOf).Where(recipe => !Cookbook.Contains($"\n### {recipe}. ", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public void A_test_of_each_row_is_named_after_a_function_of_it() => RowsOfFunctions
        .Where(row => !NamesOf(row).Any(test => FunctionsOf(row).Any(function => test.Contains(function, StringComparison.Ordinal))))
        .Select(row => row.Value)
        .Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_test_of_each_row_is_made_for_each_kernel(string kernel) => RowsOfFunctions
        .Where(row => !NamesOf(row).Any(test => DataOf(Tests[test]).Contains(kernel)))
        .Select(row => row.Value)
        .Should().BeEmpty();

    private static string[] NamesOf(Match row) => [.. Test().Matches(row.Groups["tests"].Value).Select(test => test.Groups[1].Value)];

    private static string[] RecipesOf(Match row) => [.. Recipe().Matches(row.Groups["tests"].Value).Select(recipe => recipe.Groups[1].Value)];

    private static IEnumerable<string> FunctionsOf(Match row) =>
        Function().Matches(row.Groups["where"].Value).Select(function => function.Groups[1].Value.TrimStart('_'));

    private static IEnumerable<object?> DataOf(MethodInfo test) =>
        test.GetCustomAttributes<InlineDataAttribute>().SelectMany(line => line.Data)
            .Concat(test.GetCustomAttributes<MemberDataAttribute>()
                .SelectMany(member => (IEnumerable<ITheoryDataRow>)test.DeclaringType!.GetProperty(member.MemberName)!.GetValue(null)!)
                .SelectMany(line => line.GetData()));

    [GeneratedRegex(@"^\| \w+ \|(?:.*\|)? (?<where>[^|]*) \| (?<tests>(?:`\w+\.|\[)[^|]*) \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+)\(\)`")]
    private static partial Regex Function();

    [GeneratedRegex(@"`(\w+\.\w+)`")]
    private static partial Regex Test();

    [GeneratedRegex(@"\[(\d+)\]\(cookbook\.md\)")]
    private static partial Regex Recipe();
}
