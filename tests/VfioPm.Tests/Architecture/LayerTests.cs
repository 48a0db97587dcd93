using Microsoft.CodeAnalysis;

namespace VfioPm.Tests;

/// <summary>Each folder of the library is a layer and knows only those before it.</summary>
public sealed class LayerTests
{
    /// <summary>A partial method whose other part the logging generator writes, which does not run here.</summary>
    private const string MissingPart = "CS8795";

    public static TheoryData<string> AllLayers => [.. Layers.All.Where(Layers.Exists)];

    [Fact]
    public void Every_folder_of_the_library_is_a_layer() => Directory.GetDirectories(Path.Combine(SourceFiles.Root, "src/VfioPm"))
        .Select(folder => Path.GetFileName(folder)!)
        .Except(["bin", "obj"])
        .Should().BeSubsetOf(Layers.All);

    [Fact]
    public void Every_file_is_in_a_layer() => CodeModel.Library.Files
        .Select(file => SourceFiles.NameOf(file.FilePath))
        .Where(file => !Layers.All.Any(layer => file.StartsWith($"src/VfioPm/{layer}/", StringComparison.Ordinal)))
        .Should().BeEmpty();

    [Fact]
    public void The_source_is_understood() => CodeModel.Library.Compilation.GetDiagnostics(TestContext.Current.CancellationToken)
        .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && diagnostic.Id != MissingPart)
        .Should().BeEmpty("a name without a meaning refers to nothing");

    [Theory]
    [MemberData(nameof(AllLayers))]
    public void A_layer_refers_only_to_those_before_it(string layer) =>
        Offences(CodeModel.Library).Where(offence => offence.Layer == layer).Select(offence => offence.Text).Should().BeEmpty();

    [Theory]
    [InlineData("class Port : Nic;")]
    [InlineData("class Port { Nic[]? All; }")]
    [InlineData("class Port { Dictionary<string, Nic>? ByName; }")]
    [InlineData("class Port { void Use() => Nic.Wake(); }")]
    [InlineData("class Port { bool Is(object other) => other is Nic; }")]
    [InlineData("class Port { class Slot { string Name => nameof(Nic); } }")]
    [InlineData("class Port { object Make() => new Nic.Ring(); }")]
    [InlineData("class Port { void Use() => 1.Poke(); }")]
    [InlineData("delegate void Port(Nic nic);")]
    [InlineData("interface Port : IEnumerable<Nic>;")]
    public void A_reference_is_found_wherever_it_is(string port) => Offences(Host(port)).Should().ContainSingle()
        .Which.Text.Should().MatchRegex("^Port of Pci refers to Nic(Extensions)? of Vfio at src/VfioPm/Pci/Port.cs:2$");

    [Fact]
    public void A_type_that_is_not_named_is_found_by_its_members() => Offences(CodeModel.Of(
            ("src/VfioPm/RuntimePm/Engine.cs", "class Engine { object? Of(Hub hub) => hub.Port.Bars; }"),
            ("src/VfioPm/RuntimePm/Hub.cs", "class Hub\n{\n    public Port Port = new();\n}"),
            ("src/VfioPm/Pci/Port.cs", "class Port { public object? Bars; }")))
        .Select(offence => offence.Text).Should().BeEquivalentTo(
            "Engine of RuntimePm refers to Port of Pci at src/VfioPm/RuntimePm/Engine.cs:1",
            "Hub of RuntimePm refers to Port of Pci at src/VfioPm/RuntimePm/Hub.cs:3");

    [Theory]
    [InlineData("/// <summary>Not a <see cref=\"Nic\"/>.</summary>\nclass Port; // Nic")]
    [InlineData("class Port { string Nic => \"Nic\"; }")]
    [InlineData("class Port { class Nic; Nic? Mine; }")]
    public void What_only_looks_like_a_reference_is_none(string port) => Offences(Host(port)).Should().BeEmpty();

    /// <summary>A port below, and above it a network card that it should not know.</summary>
    private static CodeModel Host(string port) => CodeModel.Of(
        ("src/VfioPm/Pci/Port.cs", $"\n{port}"),
        ("src/VfioPm/Vfio/Nic.cs", "class Nic { public static void Wake() { } public class Ring; }"),
        ("src/VfioPm/Vfio/NicExtensions.cs", "static class NicExtensions { public static void Poke(this int nic) { } }"));

    private static IEnumerable<(string Layer, string Text)> Offences(CodeModel code) => (
        from reference in code.References
        let layer = Layers.Of(reference.From)
        let other = Layers.Of(reference.To)
        where other is not null && !Layers.MayKnow(layer, other)
        let place = CodeModel.PlaceOf(reference.Place)
        select (layer, $"{reference.From.Name} of {layer} refers to {reference.To.Name} of {other} at {place}")).Distinct();
}
