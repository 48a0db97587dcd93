using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace VfioPm.Tests;

/// <summary>All that the library's source must not have, a row each; the rest is how a row finds it.</summary>
internal static partial class Bans
{
    public static IReadOnlyList<Ban> All { get; } =
    [
        new("a task", "a kernel function is no task of .NET: it returns KernelCall", code => References(
            code, type => type is { Name: "Task" or "ValueTask", ContainingNamespace.Name: "Tasks" }, except: "UserTimer.DisposeAsync")),
        new("an async method that is no kernel call", "it returns KernelCall", KernelCallBans.OtherAsyncMethods),
        new("a kernel call that is left behind", "it is awaited, returned or handed on", KernelCallBans.LeftBehind),
        new("a lock that is given back by hand", "a scope holds it", code => Text(code, LockGivenBack())
            .Where(line => !line.Contains("Scope.cs:") && !line.Contains("KernelLock.cs:"))),
        new("a type named after nothing", "its name says what it is", code => Types(code, CatchAllName())),
        new("a question which profile it is", "profiles are made of rules", code => Text(code, ProfileQuestion())),
        new("another namespace", "a test needs one using", code => code.Types
            .Where(type => type.ContainingNamespace.ToDisplayString() != "VfioPm")
            .Select(type => $"{type} at {CodeModel.PlaceOf(type)}")),
        new("a file over 400 lines, nor have the tests", "each file is one idea", _ => SourceFiles.In("src")
            .Concat(SourceFiles.In("tests"))
            .Where(file => File.ReadLines(file).Count() > 400)
            .Select(SourceFiles.NameOf)),
    ];

    /// <summary>Whoever needs such a type, except some members.</summary>
    private static IEnumerable<string> References(
        CodeModel code, Func<INamedTypeSymbol, bool> isBanned, params string[] except) => (
        from reference in code.References
        where isBanned(reference.To)
        let member = CodeModel.MemberOf(reference.Place)
        where !except.Contains(member)
        select $"{member} needs {reference.To.Name} at {CodeModel.PlaceOf(reference.Place)}").Distinct();

    private static IEnumerable<string> Types(CodeModel code, Regex name) => code.Types
        .Where(type => name.IsMatch(type.Name))
        .Select(type => $"{type.Name} at {CodeModel.PlaceOf(type)}");

    private static IEnumerable<string> Text(CodeModel code, Regex text) =>
        from file in code.Files
        from line in file.GetText().Lines
        where text.IsMatch(line.ToString())
        select $"{SourceFiles.NameOf(file.FilePath)}:{line.LineNumber + 1}: {line.ToString().Trim()}";

    [GeneratedRegex(@"\.Release\(LockMode")]
    private static partial Regex LockGivenBack();

    [GeneratedRegex("Util|Helper")]
    private static partial Regex CatchAllName();

    [GeneratedRegex(@"(?i)profile\s*[!=]=|[!=]=\s*KernelProfile|profile\s+(?:is|switch)\b|KernelProfile\.\w+\s*=>")]
    private static partial Regex ProfileQuestion();
}
