using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace VfioPm.ApiReference;

/// <summary>The comment of a declaration, its own or the one that it inherits.</summary>
internal static class DocComment
{
    public static XElement Of(ISymbol symbol, Compilation compilation)
    {
        string? text = symbol.GetDocumentationCommentXml();
        XElement comment = string.IsNullOrEmpty(text)
            ? new XElement("member")
            : XElement.Parse(text, LoadOptions.PreserveWhitespace);
        if (comment.Element("inheritdoc") is not { } inherits)
        {
            return comment;
        }

        ISymbol source = SourceOf(symbol, (string?)inherits.Attribute("cref"), compilation)
            ?? throw new InvalidOperationException($"{symbol} inherits its comment from nobody.");
        return source.Locations.Any(location => location.IsInSource) ? Of(source, compilation) : Foreign(source);
    }

    /// <summary>Comments of other libraries are not at hand: the name must do.</summary>
    private static XElement Foreign(ISymbol source) => new(
        "member",
        new XElement("summary", "As ", new XElement("c", $"{source.ContainingType.Name}.{source.Name}"), "."));

    private static ISymbol? SourceOf(ISymbol symbol, string? reference, Compilation compilation) => symbol switch
    {
        _ when reference is not null => DocumentationCommentId.GetFirstSymbolForDeclarationId(reference, compilation),
        INamedTypeSymbol type => type.BaseType,
        IMethodSymbol { OverriddenMethod: { } overridden } => overridden,
        IPropertySymbol { OverriddenProperty: { } overridden } => overridden,
        _ => symbol.ContainingType.AllInterfaces
            .SelectMany(promised => promised.GetMembers())
            .FirstOrDefault(promised => SymbolEqualityComparer.Default.Equals(
                symbol, symbol.ContainingType.FindImplementationForInterfaceMember(promised))),
    };
}
