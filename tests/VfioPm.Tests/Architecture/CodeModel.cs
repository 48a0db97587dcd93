using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using VfioPm.ApiReference;

namespace VfioPm.Tests;

/// <summary>The library's source with what each name in it means. Comments may mention whom they like.</summary>
internal sealed class CodeModel
{
    private static readonly Lazy<CodeModel> Compiled = new(() => new(new Package(SourceFiles.Root, "VfioPm").Compilation));

    private CodeModel(CSharpCompilation compilation)
    {
        Compilation = compilation;
        Types = [.. Files.SelectMany(TypesIn).Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default)];
        References = [.. Files.SelectMany(ReferencesIn)];
    }

    /// <summary>The source as it is, compiled once for all tests.</summary>
    public static CodeModel Library => Compiled.Value;

    public CSharpCompilation Compilation { get; }

    /// <summary>All that are declared, nested ones too.</summary>
    public IReadOnlyList<INamedTypeSymbol> Types { get; }

    /// <summary>What the types need of each other, and of others.</summary>
    public IReadOnlyList<TypeReference> References { get; }

    /// <summary>All that is in a file; the implicit usings are in none.</summary>
    public IEnumerable<SyntaxTree> Files => Compilation.SyntaxTrees.Where(tree => tree.FilePath.Length > 0);

    /// <summary>A library of nothing but these files, to see that a rule finds what breaks it.</summary>
    public static CodeModel Of(params (string Path, string Text)[] files) => new(Library.Compilation
        .RemoveSyntaxTrees(Library.Files)
        .AddSyntaxTrees(files.Select(file =>
            CSharpSyntaxTree.ParseText(file.Text, path: Path.Combine(SourceFiles.Root, file.Path)))));

    /// <summary>"src/VfioPm/Pci/Bar.cs:12"</summary>
    public static string PlaceOf(SyntaxNode node) =>
        $"{SourceFiles.NameOf(node.SyntaxTree.FilePath)}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";

    public static string PlaceOf(ISymbol declared) => PlaceOf(declared.DeclaringSyntaxReferences[0].GetSyntax());

    /// <summary>"Bar.Decode"; the type alone outside of members.</summary>
    public static string MemberOf(SyntaxNode node) => string.Join('.', node.AncestorsAndSelf()
        .Select(around => around switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier.Text,
            MethodDeclarationSyntax method => method.Identifier.Text,
            PropertyDeclarationSyntax property => property.Identifier.Text,
            ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
            _ => null,
        })
        .OfType<string>()
        .Reverse());

    private IEnumerable<INamedTypeSymbol> TypesIn(SyntaxTree file)
    {
        SemanticModel model = Compilation.GetSemanticModel(file);
        return file.GetRoot().DescendantNodes()
            .Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
            .Select(node => (INamedTypeSymbol)model.GetDeclaredSymbol(node)!);
    }

    private IEnumerable<TypeReference> ReferencesIn(SyntaxTree file)
    {
        SemanticModel model = Compilation.GetSemanticModel(file);
        return
            from declaration in file.GetRoot().DescendantNodes(node => node is not BaseTypeDeclarationSyntax)
            where declaration is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax
            let owner = (INamedTypeSymbol)model.GetDeclaredSymbol(declaration)!
            from node in declaration.DescendantNodes()
            where node is ExpressionSyntax or ConstructorInitializerSyntax
            let symbol = model.GetSymbolInfo(node).Symbol
            from needed in NeededBy(symbol)
            select new TypeReference(owner, needed, node);
    }

    /// <summary>A type that is named, or the type of a member that is.</summary>
    private static IEnumerable<INamedTypeSymbol> NeededBy(ISymbol? symbol) => symbol switch
    {
        INamedTypeSymbol { IsTupleType: true } => [],
        INamedTypeSymbol type => type.TypeArguments.SelectMany(NeededBy).Append(OutermostOf(type)),
        IArrayTypeSymbol array => NeededBy(array.ElementType),
        IMethodSymbol method => method.TypeArguments.SelectMany(NeededBy).Concat(NeededBy(method.ContainingType)),
        IFieldSymbol or IPropertySymbol or IEventSymbol => NeededBy(symbol.ContainingType),
        _ => [],
    };

    private static INamedTypeSymbol OutermostOf(INamedTypeSymbol type)
    {
        while (type.ContainingType is { } outer)
        {
            type = outer;
        }

        return type.OriginalDefinition;
    }
}
