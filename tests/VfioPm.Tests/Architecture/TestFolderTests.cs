namespace VfioPm.Tests;

/// <summary>Tests are where the source is that they test, folder by folder.</summary>
public sealed class TestFolderTests
{
    private const string Tests = "tests/VfioPm.Tests";
    private const string Source = "src/VfioPm";

    /// <summary>What is elsewhere on purpose, and why.</summary>
    private static readonly Dictionary<string, string> Others = new()
    {
        ["Guest/Properties"] = "random steps, and what holds whatever they are: of the whole layer",
        ["RuntimePm/Properties"] = "the same",
        ["RuntimePm/Recordings"] = "what kernels did: of the whole layer",
        ["Vfio/Recordings"] = "the same",
        ["RuntimePm/CauseTests.cs"] = "what the engine says why, not the type alone",
    };

    [Fact]
    public void A_folder_of_a_layers_tests_is_one_of_the_layer() => Layers.All
        .Select(layer => Path.Combine(SourceFiles.Root, Tests, layer))
        .Where(Directory.Exists)
        .SelectMany(layer => Directory.EnumerateFiles(layer, "*", SearchOption.AllDirectories))
        .Select(file => NameIn(Tests, Path.GetDirectoryName(file)!))
        .Distinct()
        .Where(folder => !IsOther(folder) && !Directory.Exists(Path.Combine(SourceFiles.Root, Source, folder)))
        .Should().BeEmpty();

    [Fact]
    public void Tests_named_after_a_source_file_are_in_its_folder()
    {
        Dictionary<string, string> expected = SourceFiles.In(Source)
            .Select(file => NameIn(Source, file).Replace(".cs", "Tests.cs", StringComparison.Ordinal))
            .ToDictionary(file => Path.GetFileName(file)!);

        IEnumerable<string> elsewhere =
            from file in SourceFiles.In(Tests).Select(file => NameIn(Tests, file))
            where !IsOther(file) && expected.TryGetValue(Path.GetFileName(file), out string? place) && place != file
            select $"{file} should be {expected[Path.GetFileName(file)]}";

        elsewhere.Should().BeEmpty();
    }

    [Fact]
    public void What_is_elsewhere_on_purpose_is_there() => Others.Keys
        .Where(name => !Path.Exists(Path.Combine(SourceFiles.Root, Tests, name)))
        .Should().BeEmpty();

    private static bool IsOther(string path) =>
        Others.Keys.Any(other => path == other || path.StartsWith($"{other}/", StringComparison.Ordinal));

    private static string NameIn(string folder, string path) =>
        Path.GetRelativePath(Path.Combine(SourceFiles.Root, folder), path).Replace('\\', '/');
}
