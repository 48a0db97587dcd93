using System.IO.Compression;
using System.Text;

namespace VfioPm.Tests;

/// <summary>Recordings of a real kernel that the tests carry along, one after the other in a compressed archive.</summary>
/// <param name="Name">What it is called: "linux-6.1", "rfc-v1/b".</param>
internal sealed record RecordingArchive(string Name)
{
    /// <summary>How the names of the archives' files end.</summary>
    public const string Ending = ".jsonl.br";

    /// <summary>The text of each recording, in order of name.</summary>
    public IEnumerable<string> Texts
    {
        get
        {
            Stream archive = typeof(RecordingArchive).Assembly.GetManifestResourceStream(Name + Ending)!;
            using StreamReader lines = new(new BrotliStream(archive, CompressionMode.Decompress));
            StringBuilder recording = new();
            while (lines.ReadLine() is { } line)
            {
                if (line.StartsWith("{\"format\"", StringComparison.Ordinal) && recording.Length > 0)
                {
                    yield return recording.ToString();
                    recording.Clear();
                }

                recording.Append(line).Append('\n');
            }

            yield return recording.ToString();
        }
    }

    /// <summary>The recordings, in order of name.</summary>
    public IEnumerable<(string Name, Recording Recording)> Recordings => Texts
        .SelectMany(text => Recording.Read(Name, new StringReader(text)))
        .Select(static recording => ((string)recording.Header["name"]!, recording));

    /// <summary>The text of one recording.</summary>
    public string TextOf(string recording) =>
        Texts.Single(text => text.Contains($"\"name\":\"{recording}\"", StringComparison.Ordinal));

    /// <summary>Where the model first does otherwise than recorded, in each recording where it does.</summary>
    /// <param name="select">Which recordings are played, by name; by default all.</param>
    public IReadOnlyList<Divergence> Divergences(Func<string, bool>? select = null)
    {
        List<Divergence> divergences = [];
        foreach ((string name, Recording recording) in Recordings.Where(entry => select is null || select(entry.Name)))
        {
            string path = $"{Name}/{name}";
            ReplayedEvent? first = Replay.Play(recording)
                .FirstOrDefault(static replayed => replayed.Differences.Count > 0);
            if (first is not null)
            {
                divergences.Add(new Divergence(path, first));
            }
        }

        return divergences;
    }
}
