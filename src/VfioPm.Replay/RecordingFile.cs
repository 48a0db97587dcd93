using System.IO.Compression;

namespace VfioPm;

/// <summary>A recording on disk.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Name">Its name below the folder that was asked for, without <c>.gz</c>.</param>
public sealed record RecordingFile(string Path, string Name)
{
    private const string Plain = ".jsonl";
    private const string Compressed = ".gz";

    /// <summary>The file, or all recordings below the folder in order of name.</summary>
    /// <exception cref="RecordingException">There is no such file.</exception>
    public static IEnumerable<RecordingFile> Find(string path) =>
        Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Where(static file => Uncompressed(file).EndsWith(Plain, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(file => new RecordingFile(file, Uncompressed(System.IO.Path.GetRelativePath(path, file))))
        : File.Exists(path) ? [new RecordingFile(path, Uncompressed(System.IO.Path.GetFileName(path)))]
        : throw new RecordingException($"{path}: no such file or folder");

    /// <summary>The recording in it.</summary>
    /// <exception cref="RecordingException">There is none; the message names the file and the line.</exception>
    public Recording Read()
    {
        try
        {
            using TextReader text = Open();
            return Recording.Read(Path, text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException(exception.Message, exception).At(Path, 1);
        }
    }

    private StreamReader Open()
    {
        FileStream file = File.OpenRead(Path);
        return new StreamReader(
            Path.EndsWith(Compressed, StringComparison.Ordinal)
                ? new GZipStream(file, CompressionMode.Decompress)
                : file);
    }

    private static string Uncompressed(string name) =>
        name.EndsWith(Compressed, StringComparison.Ordinal) ? name[..^Compressed.Length] : name;
}
