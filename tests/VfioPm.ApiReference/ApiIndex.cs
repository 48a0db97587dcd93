using Microsoft.CodeAnalysis;

namespace VfioPm.ApiReference;

/// <summary>The page above the others: each type with what it is, by layer.</summary>
internal static class ApiIndex
{
    public const string Page = "README.md";

    private const string Head =
        """
        # API reference

        Every public type, by layer. These pages and the listings `src/*/PublicApi.txt` are made from the source by
        `dotnet run --project tests/VfioPm.ApiReference`.
        """;

    public static string Of(IEnumerable<Package> packages, PageLinks links)
    {
        DocText text = new(id => links.Link(Page, id));
        IEnumerable<string> chapters =
            from package in packages
            from type in package.Types
            group $"| [`{Signature.NameOf(type)}`]({links.PageOf(type)}) | {FirstSentence(package, type, text)} |"
                by package.ChapterOf(type) into chapter
            orderby chapter.Key
            select $"\n## {chapter.Key}\n\n| type | |\n|---|---|\n{string.Join('\n', chapter)}\n";
        return $"{Head}\n{string.Concat(chapters)}";
    }

    private static string FirstSentence(Package package, INamedTypeSymbol type, DocText text)
    {
        string summary = DocComment.Of(type, package.Compilation).Element("summary") is { } said ? text.Of(said) : "";
        int end = summary.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? summary : summary[..(end + 1)];
    }
}
