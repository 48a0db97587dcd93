using System.Reflection;

namespace VfioPm.Tests;

/// <summary>What kernels decide differently.</summary>
public sealed class RuntimePmRulesTests
{
    public static TheoryData<string> Names =>
        [.. typeof(RuntimePmRules).GetProperties(BindingFlags.Instance | BindingFlags.Public).Select(static rule => rule.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_rule_counts_for_the_hash(string name)
    {
        PropertyInfo rule = typeof(RuntimePmRules).GetProperty(name)!;
        RuntimePmRules other = RuntimePmRules.Linux6_1 with { };
        rule.SetValue(other, !(bool)rule.GetValue(other)!);

        HashOf(other).Should().NotBe(HashOf(RuntimePmRules.Linux6_1));
    }

    [Fact]
    public void Without_others_they_are_those_of_6_1() => new RuntimePmRules().Should().Be(RuntimePmRules.Linux6_1);

    private static ulong HashOf(RuntimePmRules rules) => StateHashes.Of(rules.AddTo);
}
