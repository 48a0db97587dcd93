using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using VfioPm.Cli;

namespace VfioPm.Tests;

/// <summary>A test that runs <c>vfio-pm replay</c> on recordings in a folder of its own.</summary>
public abstract class ReplayTest : IDisposable
{
    private static readonly string[] ClockReadings = ["t0", "t1", "us", "clock"];

    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    protected string Folder { get; } = Directory.CreateTempSubdirectory("vfio-pm-replay-").FullName;

    protected string Output => _output.ToString();

    protected string Error => _error.ToString();

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        _output.Dispose();
        _error.Dispose();
        GC.SuppressFinalize(this);
    }

    protected int Replay(params string[] arguments) => Program.Run(["replay", .. arguments], _output, _error);

    protected string LastLine() => Output.TrimEnd().Split('\n')[^1];

    protected string Write(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream file = File.Create(path);
        using Stream content = Path.GetExtension(name) switch
        {
            ".gz" => new GZipStream(file, CompressionLevel.Fastest),
            ".br" => new BrotliStream(file, CompressionLevel.Fastest),
            _ => file,
        };
        content.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }

    /// <summary>A recording with one event changed.</summary>
    protected static string Alter(string recording, int index, Action<JsonObject> change) =>
        Alter(recording, recorded =>
        {
            if ((int)recorded["i"]! == index)
            {
                change(recorded);
            }
        });

    /// <summary>A recording with every event changed.</summary>
    protected static string Alter(string recording, Action<JsonObject> change)
    {
        Recording events = Recording.Read("recording", new StringReader(recording)).Single();
        StringBuilder text = new(events.Header.ToJsonString() + "\n");
        foreach (JsonObject recorded in events.Events)
        {
            change(recorded);
            text.Append(recorded.ToJsonString()).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Asserts that the model's events have every recorded value, except the readings of the clock.</summary>
    protected static void ShouldTellTheSame(string[] emitted, string recording)
    {
        string[] recorded = recording.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        emitted.Should().HaveCount(recorded.Length);
        Fields(emitted[0]).Should().Equal(Fields(recorded[0]));
        foreach ((string line, string original) in emitted.Zip(recorded).Skip(1))
        {
            Fields(line).Should().Equal(Fields(original));
        }
    }

    private static SortedDictionary<string, string?> Fields(string line) => new(
        JsonNode.Parse(line)!.AsObject()
            .Where(static field => !ClockReadings.Contains(field.Key))
            .ToDictionary(static field => field.Key, static field => field.Value?.ToJsonString()),
        StringComparer.Ordinal);
}
