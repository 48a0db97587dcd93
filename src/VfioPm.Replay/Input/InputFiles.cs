using System.IO.Enumeration;

namespace VfioPm;

/// <summary>Files that a user named, and those below a folder.</summary>
internal static class InputFiles
{
    /// <summary>Reads a text.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="InvalidDataException">It is longer than <see cref="InputLimits.Text"/>.</exception>
    public static string ReadText(string path)
    {
        using StreamReader text = new(Open(path));
        return ReadText(text);
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">It cannot be read, or it is a pipe or a socket, which keep whoever opens them waiting.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileStream Open(string path)
    {
        FileSystemInfo file = new FileInfo(path);
        file = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;

        // Neither has a length. What is below these is open already (a shell's <(…)), or answers at once.
        bool isOpenAlready = file.FullName.StartsWith("/dev/", StringComparison.Ordinal) || file.FullName.StartsWith("/proc/", StringComparison.Ordinal);
        return file is not FileInfo { Exists: true, Length: 0 } || isOpenAlready
            ? File.OpenRead(path)
            : throw new IOException($"'{path}' has nothing in it, or is a pipe or a socket.");
    }

    /// <summary>The same, of what is open.</summary>
    /// <exception cref="InvalidDataException">It is longer than <see cref="InputLimits.Text"/>.</exception>
    public static string ReadText(TextReader text) => new BoundedReader(text, InputLimits.Text).ReadToEnd();

    /// <summary>
    /// The files below a folder, in order of name; links to other folders are not followed, since they may lead back. A
    /// folder that cannot be read is among them, as a file that cannot be.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isWanted">Whether a file of that name is.</param>
    public static IReadOnlyList<string> Below(string folder, Func<string, bool> isWanted)
    {
        List<string> found = [];
        Search(folder, isWanted, found);
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static void Search(string folder, Func<string, bool> isWanted, List<string> found)
    {
        List<(string Path, bool IsFolder)> entries;
        try
        {
            entries = [.. new FileSystemEnumerable<(string, bool)>(
                folder,
                static (ref FileSystemEntry entry) => (entry.ToSpecifiedFullPath(), entry.IsDirectory),
                new EnumerationOptions { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None })
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => entry.IsDirectory
                    ? !entry.Attributes.HasFlag(FileAttributes.ReparsePoint)
                    : isWanted(entry.FileName.ToString()),
            }];
        }
        catch (Exception problem) when (problem is UnauthorizedAccessException or IOException)
        {
            found.Add(folder);
            return;
        }

        found.AddRange(entries.Where(static entry => !entry.IsFolder).Select(static entry => entry.Path));
        foreach ((string path, _) in entries.Where(static entry => entry.IsFolder))
        {
            Search(path, isWanted, found);
        }
    }
}
