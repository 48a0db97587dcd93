using Microsoft.CodeAnalysis;

namespace VfioPm.ApiReference;

/// <summary>Where each public type's page is, below the folder of pages, and how one page points at another.</summary>
internal sealed class PageLinks(IReadOnlyList<Package> packages)
{
    private readonly Dictionary<string, string> _pages = packages
        .SelectMany(package => package.Types.Select(type => (Package: package, Type: type)))
        .ToDictionary(
            entry => IdOf(entry.Type),
            entry => $"{entry.Package.ChapterOf(entry.Type)}/{FileOf(entry.Type)}.md");

    public string PageOf(INamedTypeSymbol type) => _pages[IdOf(type)];

    /// <summary>A link from a page to what a documentation ID names; only its name if that has no page.</summary>
    public string Link(string page, string id)
    {
        ISymbol? target = packages
            .Select(package => DocumentationCommentId.GetFirstSymbolForDeclarationId(id, package.Compilation))
            .FirstOrDefault(symbol => symbol is not null);
        return target switch
        {
            null => $"`{id[2..]}`",
            INamedTypeSymbol type => Link(page, type, Signature.NameOf(type), anchor: ""),
            _ => LinkToMember(page, target),
        };
    }

    private string LinkToMember(string page, ISymbol member)
    {
        INamedTypeSymbol type = member.ContainingType;
        string name = Signature.NameOf(member);
        string anchor = Members.KindOf(member) == MemberKind.Values ? "" : $"#{AnchorOf(name)}";
        bool isHere = _pages.GetValueOrDefault(IdOf(type)) == page;
        return Link(page, type, isHere ? name : $"{Signature.NameOf(type)}.{name}", anchor);
    }

    private string Link(string page, INamedTypeSymbol type, string name, string anchor) =>
        _pages.TryGetValue(IdOf(type), out string? target)
            ? $"[`{name}`]({PathTo(target, page)}{anchor})"
            : $"`{name}`";

    /// <summary>As GitHub makes it of a heading.</summary>
    public static string AnchorOf(string heading) => string.Concat(heading
        .ToLowerInvariant()
        .Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')
        .Select(letter => letter == ' ' ? '-' : letter));

    private static string PathTo(string target, string from) => Path
        .GetRelativePath(Path.Combine("/", Path.GetDirectoryName(from)!), Path.Combine("/", target))
        .Replace('\\', '/');

    /// <summary>With the number of its type parameters, for there may be one of the same name without: "KernelCall-1".</summary>
    private static string FileOf(INamedTypeSymbol type)
    {
        string name = type.MetadataName.Replace('`', '-');
        return type.ContainingType is { } outer ? $"{FileOf(outer)}.{name}" : name;
    }

    private static string IdOf(ISymbol symbol) => symbol.OriginalDefinition.GetDocumentationCommentId()!;
}
