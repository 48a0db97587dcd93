using Xunit.Sdk;

namespace VfioPm.Tests;

/// <summary>Knots of types that need each other become smaller, never larger, and no new ones are made.</summary>
public sealed class KnotTests
{
    /// <summary>How many types each knot of a layer has, the largest first; a layer that is not here has none.</summary>
    private static readonly Dictionary<string, int[]> Held = new()
    {
        ["Foundation"] = [3, 2],
        ["Pci"] = [5, 3],
        ["Kernel"] = [8, 2, 2],
        ["RuntimePm"] = [10],
        ["PciPower"] = [6],
        ["Vfio"] = [34, 20, 2, 2],
        ["Guest"] = [8],
        ["Tracing"] = [3],
    };

    public static TheoryData<string> AllLayers => LayerTests.AllLayers;

    [Theory]
    [MemberData(nameof(AllLayers))]
    public void A_layer_has_the_knots_that_are_held_and_no_other(string layer) =>
        Compare(layer, Knots.In(CodeModel.Library, layer), Held.GetValueOrDefault(layer, []));

    [Theory]
    [InlineData("class A { B? B; } class B { A? A; }", "A B")]
    [InlineData("class A { B? B; } class B { void Use() => C.Do(); } class C : A { public static void Do() { } }", "A B C")]
    [InlineData("class A { class Part { B? B; } } class B { A? A; }", "A B")]
    [InlineData("class A { B? B; } class B { A? A; } class C { D? D; A? A; } class D { E? E; } class E { C? C; }", "C D E, A B")]
    public void Types_that_need_each_other_are_a_knot(string code, string knots) => KnotsOf(code).Should().Be(knots);

    [Theory]
    [InlineData("class A { B? B; A? Next; } class B { C? C; } class C;")]
    [InlineData("class A { B? B; C? C; } class B { D? D; } class C { D? D; } class D;")]
    public void Types_of_which_only_one_needs_the_other_are_none(string code) => KnotsOf(code).Should().BeEmpty();

    [Fact]
    public void What_goes_through_another_layer_is_a_matter_of_layers() => Knots.In(
            CodeModel.Of(
                ("src/VfioPm/Vfio/A.cs", "class A { B? B; }"),
                ("src/VfioPm/Guest/B.cs", "class B { A? A; }")),
            "Vfio")
        .Should().BeEmpty();

    [Theory]
    [InlineData("A B C", new[] { 2 }, "*has a knot of 3 types, and 2 are held*A B C*")]
    [InlineData("A B C,D E", new[] { 3 }, "*has a knot of 2 types, and 0 are held*D E*")]
    [InlineData("A B", new[] { 3 }, "*smaller*3 to 2*")]
    [InlineData("", new[] { 2 }, "*smaller*2 to 0*")]
    public void A_knot_that_is_not_as_it_is_held_is_told(string found, int[] held, string told) =>
        FluentActions.Invoking(() => Compare("Vfio", NamesIn(found), held))
            .Should().Throw<XunitException>().WithMessage(told);

    private static string KnotsOf(string code) =>
        string.Join(", ", Knots.In(CodeModel.Of(("src/VfioPm/Vfio/All.cs", code)), "Vfio").Select(NamesOf));

    private static string NamesOf(string[] knot) => string.Join(' ', knot);

    private static string[][] NamesIn(string knots) =>
        [.. knots.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(knot => knot.Split(' '))];

    private static void Compare(string layer, IReadOnlyList<string[]> found, int[] held)
    {
        for (int i = 0; i < Math.Max(found.Count, held.Length); i++)
        {
            string[] knot = i < found.Count ? found[i] : [];
            int size = i < held.Length ? held[i] : 0;
            if (knot.Length > size)
            {
                throw new XunitException(
                    $"{layer} has a knot of {knot.Length} types, and {size} are held. They need each other: {NamesOf(knot)}");
            }

            if (knot.Length < size)
            {
                throw new XunitException($"A knot of {layer} is smaller now: lower it in {nameof(Held)} from {size} to {knot.Length}.");
            }
        }
    }
}
