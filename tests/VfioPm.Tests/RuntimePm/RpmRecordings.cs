using System.IO.Compression;
using System.Text;
using VfioPm.Cli;

namespace VfioPm.Tests;

/// <summary>The recordings of real kernels that the tests carry along.</summary>
internal static class RpmRecordings
{
    /// <summary>The recorded kernels.</summary>
    public static TheoryData<string> Kernels => ["linux-5.10", "linux-6.1", "linux-6.12", "linux-7.3"];

    /// <summary>All recordings of a kernel, by name.</summary>
    public static IReadOnlyList<(string Name, Recording Recording)> Of(string kernel) =>
        [.. Texts(kernel).Select(text => Recording.Read(kernel, new StringReader(text)))
            .Select(static recording => ((string)recording.Header["name"]!, recording))];

    /// <summary>The text of one recording.</summary>
    public static string TextOf(string kernel, string name) =>
        Texts(kernel).Single(text => text.Contains($"\"name\":\"{name}\"", StringComparison.Ordinal));

    private static List<string> Texts(string kernel)
    {
        Stream archive = typeof(RpmRecordings).Assembly.GetManifestResourceStream($"{kernel}.jsonl.br")!;
        using StreamReader lines = new(new BrotliStream(archive, CompressionMode.Decompress));
        List<StringBuilder> recordings = [];
        while (lines.ReadLine() is { } line)
        {
            if (line.StartsWith("{\"format\"", StringComparison.Ordinal))
            {
                recordings.Add(new StringBuilder());
            }

            recordings[^1].Append(line).Append('\n');
        }

        return [.. recordings.Select(static text => text.ToString())];
    }
}
