using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace VfioPm.ApiReference;

/// <summary>
/// A package's public surface, from its source. What source generators would add is missing; none of it is public.
/// </summary>
internal sealed class Package
{
    private const string ImplicitUsings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private readonly string _root;

    public Package(string root, string name, params Package[] dependencies)
    {
        Name = name;
        _root = root;
        var options = new CSharpParseOptions(documentationMode: DocumentationMode.Parse);
        Compilation = CSharpCompilation.Create(
            name,
            SourceFiles().Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file))
                .Append(CSharpSyntaxTree.ParseText($"{ImplicitUsings}\n{ProjectUsings()}", options)),
            [.. References(), .. dependencies.Select(package => package.Compilation.ToMetadataReference())],
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        Types = [.. TypesIn(Compilation.Assembly.GlobalNamespace).OrderBy(Signature.NameOf, StringComparer.Ordinal)];
    }

    public string Name { get; }

    public CSharpCompilation Compilation { get; }

    /// <summary>The public types, nested ones too, in the order of their names.</summary>
    public IReadOnlyList<INamedTypeSymbol> Types { get; }

    /// <summary>The layer that has the type, or the package's own name where there are none.</summary>
    public string ChapterOf(INamedTypeSymbol type) =>
        SourceOf(type).Split('/') is [_, _, string layer, _, ..] ? layer : Name[(Name.LastIndexOf('.') + 1)..];

    /// <summary>The file, from the repository's root.</summary>
    public string SourceOf(INamedTypeSymbol type) => Path.GetRelativePath(_root, FileOf(type)).Replace('\\', '/');

    private static string FileOf(ISymbol type) => type.Locations
        .Select(location => location.SourceTree!.FilePath)
        .Order(StringComparer.Ordinal)
        .MinBy(path => path.Length)!;

    private string ProjectUsings() => string.Join('\n', XDocument
        .Load(Path.Combine(_root, "src", Name, $"{Name}.csproj"))
        .Descendants("Using")
        .Select(item => $"global using {(string)item.Attribute("Include")!};"));

    private IEnumerable<string> SourceFiles() => Directory
        .EnumerateFiles(Path.Combine(_root, "src", Name), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
        .Order(StringComparer.Ordinal);

    /// <summary>What this program runs with, except the packages themselves.</summary>
    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("VfioPm.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));

    private static IEnumerable<INamedTypeSymbol> TypesIn(INamespaceOrTypeSymbol container) =>
        container.GetMembers().OfType<INamespaceOrTypeSymbol>().SelectMany(member => member switch
        {
            INamedTypeSymbol { DeclaredAccessibility: Accessibility.Public, IsExtension: false } type => TypesIn(type).Prepend(type),
            INamespaceSymbol inner => TypesIn(inner),
            _ => [],
        });
}
