
namespace VfioPm.Tests;

/// <summary>The recordings of the kernels' runtime-PM cores.</summary>
internal static class RpmRecordings
{
    /// <summary>The recorded kernels.</summary>
    public static TheoryData<string> Kernels => ["linux-5.10", "linux-6.1", "linux-6.12", "linux-7.3"];

    /// <summary>All recordings of a kernel, by name.</summary>
    public static IReadOnlyList<(string Name, Recording Recording)> Of(string kernel) =>
        [.. new RecordingArchive(kernel).Recordings];

    /// <summary>The text of one recording.</summary>
    public static string TextOf(string kernel, string name) => new RecordingArchive(kernel).TextOf(name);

    /// <summary>Whether a generator made the calls of a recording; the others each show a rule.</summary>
    public static bool IsRandom(string name) => name.StartsWith("random_", StringComparison.Ordinal);
}
