namespace VfioPm.Cli;

/// <summary>Which file a name means (<c>realpath(3)</c>): two names may be of one.</summary>
internal static class RealPath
{
    // As many as the kernel follows (MAXSYMLINKS).
    private const int MostLinks = 40;

    /// <summary>Its path without links; a circle of those is followed for a while, and no file is behind it.</summary>
    public static string Of(string path)
    {
        int links = 0;
        return Of(path, ref links);
    }

    private static string Of(string path, ref int links)
    {
        string full = Path.GetFullPath(path);
        string real = Path.GetPathRoot(full)!;
        foreach (string part in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, part);
            real = links < MostLinks && new FileInfo(next).LinkTarget is { } target
                ? Follow(Path.Combine(real, target), ref links)
                : next;
        }

        return real;
    }

    private static string Follow(string target, ref int links)
    {
        links++;
        return Of(target, ref links);
    }
}
