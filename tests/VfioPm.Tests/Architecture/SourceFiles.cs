namespace VfioPm.Tests;

/// <summary>The repository's own text, for tests that hold it to its rules.</summary>
internal static class SourceFiles
{
    public static string Root { get; } = FindRoot();

    /// <summary>The C# files below a folder, except what the build makes.</summary>
    public static IEnumerable<string> In(string folder) => Directory
        .EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
        .Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static string NameOf(string file) => Path.GetRelativePath(Root, file);

    /// <summary>The folder of the solution, above that of the built tests.</summary>
    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "VfioPm.sln")))
        {
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not in the repository.");
        }

        return folder;
    }
}
