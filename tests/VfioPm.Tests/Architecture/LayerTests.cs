using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>Each folder of the library is a layer and knows only those to its left.</summary>
public sealed partial class LayerTests
{
    private static readonly string[] Layers =
        ["Foundation", "Pci", "Platform", "RuntimePm", "PciPower", "Vfio", "Guest", "Tracing", "Checks", "Energy", "Simulation"];

    public static TheoryData<string> AllLayers => [.. Layers];

    [Fact]
    public void Every_folder_of_the_library_is_a_layer() =>
        Directory.GetDirectories(Path.Combine(SourceFiles.Root, "src/VfioPm"))
            .Select(folder => Path.GetFileName(folder)!)
            .Except(["bin", "obj"])
            .Should().BeEquivalentTo(Layers);

    [Theory]
    [MemberData(nameof(AllLayers))]
    public void A_layer_mentions_no_type_of_a_layer_to_its_right(string layer)
    {
        string[] above = Layers[(Array.IndexOf(Layers, layer) + 1)..];
        Dictionary<string, string> forbidden = above
            .SelectMany(folder => TypesOf(folder).Select(type => (type, folder)))
            .DistinctBy(pair => pair.type)
            .ToDictionary(pair => pair.type, pair => pair.folder);

        IEnumerable<string> mentions =
            from file in FilesOf(layer)
            from word in Word().Matches(CodeOf(file)).Select(match => match.Value).Distinct()
            where forbidden.ContainsKey(word) && !TypesOf(layer).Contains(word)
            select $"{SourceFiles.NameOf(file)} mentions {word} of {forbidden[word]}";

        mentions.Should().BeEmpty();
    }

    [Fact]
    public void A_layer_can_be_found_to_mention_another() =>
        TypesOf("Tracing").Should().Contain("HostTrace", "the tests above look for such names");

    private static IEnumerable<string> FilesOf(string layer) => SourceFiles.In($"src/VfioPm/{layer}");

    private static HashSet<string> TypesOf(string layer) =>
        [.. FilesOf(layer).SelectMany(file => Declaration().Matches(CodeOf(file))).Select(match => match.Groups[1].Value)];

    /// <summary>The text without comments and strings, which may mention whom they like.</summary>
    private static string CodeOf(string file) => NotCode().Replace(File.ReadAllText(file), " ");

    /// <summary>A type at the top of a file; nested ones are their owner's business.</summary>
    [GeneratedRegex(@"^(?:public|internal)[\w ]*\b(?:class|struct|enum|interface|record)\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    /// <summary>A name that is not a member of something.</summary>
    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*(?=\s*[.<>(\[\],;?&){]|\s+\w)")]
    private static partial Regex Word();

    [GeneratedRegex("""//[^\n]*|"(?:\\.|[^"\\\n])*"|\{[^{}\n]*get;[^{}\n]*\}""")]
    private static partial Regex NotCode();
}
