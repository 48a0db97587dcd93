using Microsoft.CodeAnalysis;

namespace VfioPm.ApiReference;

/// <summary>All that is made from the source of the packages: what it should be, and what is there.</summary>
internal sealed class GeneratedFiles
{
    private const string Pages = "docs/api";

    private readonly string _root;

    public GeneratedFiles(string root)
    {
        _root = root;
        Package model = new(root, "VfioPm");
        Package assertions = new(root, "VfioPm.Assertions", model);
        Package replay = new(root, "VfioPm.Replay", model);
        Package server = new(root, "VfioPm.Server", model, replay);
        Packages = [model, assertions, replay, server];
        PageLinks links = new(Packages);
        IEnumerable<(string Path, string Text)> files =
        [
            .. Packages.Select(package => ($"src/{package.Name}/PublicApi.txt", ApiListing.Of(package))),
            .. Packages.SelectMany(package => package.Types.Select(type =>
                ($"{Pages}/{links.PageOf(type)}", TypePage.Of(package, links, type)))),
            ($"{Pages}/{ApiIndex.Page}", ApiIndex.Of(Packages, links)),
        ];
        Current = files.ToDictionary(file => file.Path, file => file.Text);
    }

    public IReadOnlyList<Package> Packages { get; }

    /// <summary>What the files should have, by their paths from the repository's root.</summary>
    public IReadOnlyDictionary<string, string> Current { get; }

    /// <summary>The files that are there, though nothing makes them any more.</summary>
    public IEnumerable<string> Obsolete => Directory
        .EnumerateFiles(Path.Combine(_root, Pages), "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_root, file).Replace('\\', '/'))
        .Where(file => !Current.ContainsKey(file));

    /// <summary>What a file has now, or nothing.</summary>
    public string Committed(string path) =>
        File.Exists(Path.Combine(_root, path)) ? File.ReadAllText(Path.Combine(_root, path)) : "";

    public void Write()
    {
        foreach ((string path, string text) in Current)
        {
            string file = Path.Combine(_root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        foreach (string path in Obsolete.ToList())
        {
            File.Delete(Path.Combine(_root, path));
        }
    }
}
