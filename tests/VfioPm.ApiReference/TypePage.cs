using System.Text;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace VfioPm.ApiReference;

/// <summary>The page of a type: what it is, and each member with its declaration, comment, and errors.</summary>
internal sealed class TypePage
{
    private static readonly string[] Parts = ["typeparam", "param", "returns", "exception"];

    private readonly StringBuilder _page = new();
    private readonly Package _package;
    private readonly INamedTypeSymbol _type;
    private readonly Func<string, string> _link;
    private readonly DocText _text;

    private TypePage(Package package, PageLinks links, INamedTypeSymbol type)
    {
        _package = package;
        _type = type;
        _link = id => links.Link(links.PageOf(type), id);
        _text = new DocText(_link);
    }

    public static string Of(Package package, PageLinks links, INamedTypeSymbol type)
    {
        TypePage page = new(package, links, type);
        page.Write();
        return page._page.ToString();
    }

    private void Write()
    {
        string chapter = _package.ChapterOf(_type);
        Paragraph($"# {Signature.NameOf(_type)}");
        Paragraph($"[API](../README.md) / [{chapter}](../README.md#{PageLinks.AnchorOf(chapter)}) · "
            + $"[source](../../../{_package.SourceOf(_type)})");
        Declare(_type);
        foreach (IGrouping<MemberKind, ISymbol> members in Members.Of(_type).GroupBy(Members.KindOf))
        {
            Paragraph($"## {members.Key}");
            if (members.Key == MemberKind.Values)
            {
                WriteValues(members);
            }
            else
            {
                WriteMembers(members);
            }
        }
    }

    private void WriteValues(IEnumerable<ISymbol> values)
    {
        IEnumerable<string> rows = values.Cast<IFieldSymbol>()
            .Select(value => $"| `{value.Name}` | {value.ConstantValue} | {Summary(value)} |");
        Paragraph(string.Join('\n', rows.Prepend("|---|---|---|").Prepend("| value | number | |")));
    }

    /// <summary>Overloads are under one heading.</summary>
    private void WriteMembers(IEnumerable<ISymbol> members)
    {
        foreach (IGrouping<string, ISymbol> overloads in members.GroupBy(Signature.NameOf))
        {
            Paragraph($"### {overloads.Key}");
            foreach (ISymbol member in overloads)
            {
                Declare(member);
            }
        }
    }

    private void Declare(ISymbol symbol)
    {
        XElement comment = CommentOf(symbol);
        Paragraph($"```csharp\n{Signature.Of(symbol)}\n```");
        if (!IsPrimaryConstructor(symbol))
        {
            foreach (XElement said in comment.Elements("summary").Concat(comment.Elements("remarks")))
            {
                Paragraph(_text.Of(said));
            }
        }

        XElement[] parts = [.. Parts.SelectMany(part => comment.Elements(part)).Where(part => IsOf(symbol, part))];
        if (parts.Length > 0)
        {
            Paragraph(string.Join('\n', parts.Select(part => $"- {Label(part)}{_text.Of(part)}")));
        }
    }

    /// <summary>Its comment is the type's.</summary>
    private static bool IsPrimaryConstructor(ISymbol symbol) =>
        symbol is IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.Length: > 0 }
        && symbol.DeclaringSyntaxReferences is [var declaration] && declaration.GetSyntax() is TypeDeclarationSyntax;

    /// <summary>The parameters in a type's comment are its primary constructor's.</summary>
    private static bool IsOf(ISymbol symbol, XElement part) =>
        part.Name.LocalName != "param" || symbol is not INamedTypeSymbol { TypeKind: not TypeKind.Delegate };

    private string Label(XElement part) => part.Name.LocalName switch
    {
        "returns" => "Returns: ",
        "exception" => $"Throws {_link(part.Attribute("cref")!.Value)}: ",
        _ => $"`{part.Attribute("name")!.Value}`: ",
    };

    private string Summary(ISymbol symbol) =>
        CommentOf(symbol).Element("summary") is { } summary ? _text.Of(summary) : "";

    private void Paragraph(string text) => _page.Append(_page.Length == 0 ? "" : "\n").Append(text).Append('\n');

    private XElement CommentOf(ISymbol symbol) => DocComment.Of(symbol, _package.Compilation);
}
