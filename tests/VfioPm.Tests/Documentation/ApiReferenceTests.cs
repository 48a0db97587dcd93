using System.Text.RegularExpressions;
using VfioPm.ApiReference;

namespace VfioPm.Tests;

/// <summary>What the packages offer changes only together with the listings and the pages that tell of it.</summary>
public sealed partial class ApiReferenceTests
{
    private const string Accept =
        "Accept it by `dotnet run --project tests/VfioPm.ApiReference`, and review what git shows.";

    private static readonly Lazy<GeneratedFiles> Files = new(() => new GeneratedFiles(SourceFiles.Root));

    public static TheoryData<Type> APublicTypeOfEachPackage =>
        [typeof(SimulatedHost), typeof(AssertionExtensions), typeof(Recording)];

    [Theory]
    [MemberData(nameof(APublicTypeOfEachPackage))]
    public void The_listing_is_what_the_package_offers(Type type)
    {
        string path = $"src/{type.Assembly.GetName().Name}/PublicApi.txt";
        string[] committed = Declarations(Files.Value.Committed(path));
        string[] current = Declarations(Files.Value.Current[path]);

        string[] changes =
        [
            .. committed.Except(current).Select(gone => $"- {gone}"),
            .. current.Except(committed).Select(added => $"+ {added}"),
        ];

        Assert.True(changes.Length == 0, $"{path} says something else.\n{string.Join('\n', changes)}\n{Accept}");
    }

    [Fact]
    public void The_files_are_up_to_date() => Files.Value.Current
        .Where(file => file.Value != Files.Value.Committed(file.Key))
        .Select(file => file.Key)
        .Concat(Files.Value.Obsolete)
        .Should().BeEmpty("these follow from the source. {0}", Accept);

    [Theory]
    [MemberData(nameof(APublicTypeOfEachPackage))]
    public void Every_public_type_of_the_built_assembly_has_a_page(Type type) => type.Assembly.GetExportedTypes()
        .Where(static exported => !exported.IsSpecialName)
        .Select(exported => exported.FullName!.Replace("VfioPm.", "", StringComparison.Ordinal).Replace('+', '.').Replace('`', '-'))
        .Except(Files.Value.Current.Keys.Select(path => Path.GetFileNameWithoutExtension(path)!))
        .Should().BeEmpty();

    [Fact]
    public void Everything_public_has_a_comment() => Files.Value.Packages
        .SelectMany(package => package.Types
            .SelectMany(type => Members.Of(type).Prepend(type))
            .Where(symbol => !symbol.IsImplicitlyDeclared)
            .Where(symbol => DocComment.Of(symbol, package.Compilation).Element("summary") is null)
            .Select(symbol => symbol.ToDisplayString()))
        .Should().BeEmpty();

    [Fact]
    public void Links_lead_to_pages_headings_and_source() => Files.Value.Current
        .Where(file => file.Key.EndsWith(".md", StringComparison.Ordinal))
        .SelectMany(file => Link().Matches(file.Value).Select(link => (From: file.Key, To: link)))
        .Where(link => !Exists(link.From, link.To.Groups["path"].Value, link.To.Groups["heading"].Value))
        .Select(link => $"{link.From}: {link.To.Value}")
        .Should().BeEmpty();

    private static bool Exists(string from, string path, string heading)
    {
        string target = Path.GetRelativePath(
            SourceFiles.Root, Path.GetFullPath(Path.Combine(SourceFiles.Root, Path.GetDirectoryName(from)!, path)));
        return heading.Length == 0
            ? File.Exists(Path.Combine(SourceFiles.Root, target)) || Files.Value.Current.ContainsKey(target)
            : Files.Value.Current[target].Split('\n').Any(line =>
                line.StartsWith('#') && PageLinks.AnchorOf(line.TrimStart('#', ' ')) == heading);
    }

    /// <summary>Each member with the type that has it.</summary>
    private static string[] Declarations(string listing)
    {
        List<string> declarations = [];
        string type = "";
        foreach (string line in listing.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            type = line.StartsWith(' ') ? type : line;
            declarations.Add(line == type ? type : $"{type.Split(" : ")[0]}: {line.Trim()}");
        }

        return [.. declarations];
    }

    [GeneratedRegex(@"\]\((?<path>[^)#]*)#?(?<heading>[^)]*)\)")]
    private static partial Regex Link();
}
