using System.IO.Compression;

namespace VfioPm;

/// <summary>Recordings on disk: a file of one, or an archive of many, one after the other.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Name">Its name below the folder that was asked for, as if it were not compressed.</param>
public sealed record RecordingFile(string Path, string Name)
{
    private const string Plain = ".jsonl";
    private const string Archive = ".br";

    private static readonly Dictionary<string, Func<Stream, Stream>> Compressions = new()
    {
        [".gz"] = static file => new GZipStream(file, CompressionMode.Decompress),
        [Archive] = static file => new BrotliStream(file, CompressionMode.Decompress),
    };

    /// <summary>
    /// The file, or all below the folder in order of name: <c>.jsonl</c>, <c>.jsonl.gz</c>, and archives, <c>.br</c>. Links to
    /// other folders are not followed; a folder that may not be read is one of them, and says so when it is.
    /// </summary>
    /// <exception cref="RecordingException">There is no such file, or the folder has none.</exception>
    public static IReadOnlyList<RecordingFile> Find(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (File.Exists(path))
        {
            return [new RecordingFile(path, Uncompressed(System.IO.Path.GetFileName(path)))];
        }

        if (!Directory.Exists(path))
        {
            throw new RecordingException($"{path}: no such file or folder");
        }

        RecordingFile[] found =
        [
            .. InputFiles.Below(path, IsRecording)
                .Select(file => new RecordingFile(file, Uncompressed(System.IO.Path.GetRelativePath(path, file)))),
        ];
        return found.Length > 0
            ? found
            : throw new RecordingException($"{path}: no recording in this folder (.jsonl, .jsonl.gz, .br)");
    }

    /// <summary>The recordings in it.</summary>
    /// <exception cref="RecordingException">There is none; the message names the file and the line.</exception>
    public IEnumerable<Recording> Read()
    {
        using StreamReader text = Open();
        foreach (Recording recording in Recording.Read(Path, text))
        {
            yield return recording;
        }
    }

    private static bool IsRecording(string name) =>
        Uncompressed(name).EndsWith(Plain, StringComparison.Ordinal) || name.EndsWith(Archive, StringComparison.Ordinal);

    private StreamReader Open()
    {
        try
        {
            Stream file = InputFiles.Open(Path);
            return new StreamReader(
                Compressions.TryGetValue(System.IO.Path.GetExtension(Path), out Func<Stream, Stream>? decompress)
                    ? decompress(file)
                    : file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException(exception.Message, exception).At(Path, 1);
        }
    }

    private static string Uncompressed(string name)
    {
        string extension = System.IO.Path.GetExtension(name);
        return Compressions.ContainsKey(extension) ? name[..^extension.Length] : name;
    }
}
