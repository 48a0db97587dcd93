using System.Text.Json;
using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// A recording of a real kernel: a header, and one JSON object an event. Formats are <c>rpm-trace/1</c> (the runtime-PM
/// core) and <c>vfio-pm-trace/1</c> (vfio-pci).
/// </summary>
public sealed class Recording
{
    private const string Format = "format";

    private readonly string _path;
    private readonly int _headerLine;
    private readonly JsonObject? _header;
    private readonly List<JsonObject> _events;
    private readonly RecordingException? _problem;

    /// <param name="path">The file.</param>
    /// <param name="headerLine">The line that it begins on.</param>
    /// <param name="lines">Its lines, up to the first that is none.</param>
    /// <param name="isAlone">Whether there is nothing else in the file.</param>
    /// <param name="problem">What is wrong with that line, if there is one.</param>
    private Recording(string path, int headerLine, List<JsonObject> lines, bool isAlone, RecordingException? problem = null)
    {
        _path = path;
        _headerLine = headerLine;
        _header = lines.FirstOrDefault();
        _events = lines[Math.Min(1, lines.Count)..];
        _problem = problem;
        Place = isAlone || _header is null ? path : $"{path}: {_header["name"]}";
    }

    /// <summary>Where it was read, for messages: the file, and in an archive its name.</summary>
    public string Place { get; }

    /// <summary>What was recorded where; <c>format</c> names the format.</summary>
    /// <exception cref="RecordingException">One of its lines is none; the message names the file and the line.</exception>
    public JsonObject Header => _problem is null ? _header! : throw _problem;

    /// <summary>What happened, in order.</summary>
    /// <exception cref="RecordingException">One of its lines is none; the message names the file and the line.</exception>
    public IReadOnlyList<JsonObject> Events => _problem is null ? _events : throw _problem;

    /// <summary>
    /// Reads recordings that stand one after the other: each begins with a line that has a <c>format</c>. One that has a line that
    /// is none is among them, and says so when it is used: those behind it are none the worse.
    /// </summary>
    /// <param name="path">What to call the file in messages.</param>
    /// <param name="text">Its text, which is read as far as the recordings are taken.</param>
    /// <exception cref="RecordingException">It cannot be read; the message names the file and the line.</exception>
    public static IEnumerable<Recording> Read(string path, TextReader text)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(text);
        return ReadEach(path, text);
    }

    /// <summary>A recording of what was played, not read.</summary>
    internal static Recording Of(string name, JsonObject header, IEnumerable<JsonObject> events) =>
        new(name, headerLine: 1, [header, .. events], isAlone: true);

    /// <summary>Writes a recording of other events below the same header, as its recorder would have written it.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="events">The events, each with the state of everything (<see cref="ReplayedEvent.Played"/>).</param>
    public void Write(TextWriter text, IEnumerable<JsonObject> events)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(events);
        StateLists lists = new(Header);
        text.Write($"{Header.ToJsonString()}\n");
        foreach (JsonObject full in events)
        {
            text.Write($"{lists.Thin(full).ToJsonString()}\n");
        }
    }

    /// <summary>Does something with the header, and says where that is if it makes no sense.</summary>
    internal T AtHeader<T>(Func<T> use) => At(_path, _headerLine, use);

    /// <summary>Does something with an event, and says where that is if it makes no sense.</summary>
    internal T AtEvent<T>(int index, Func<T> use) => At(_path, _headerLine + 1 + index, use);

    private static IEnumerable<Recording> ReadEach(string path, TextReader text)
    {
        BoundedReader reader = new(text, InputLimits.Archive);
        List<JsonObject> lines = [];
        RecordingException? problem = null;
        int begin = 1;
        int line = 1;
        int length = 0;
        for (; At(path, line, reader.ReadLine) is { } written; line++)
        {
            JsonObject? read = TryParse(path, line, written, out bool isHeader, out RecordingException? wrong);
            if (isHeader && line > begin)
            {
                yield return new Recording(path, begin, lines, isAlone: false, problem);
                lines = [];
                problem = null;
                begin = line;
                length = 0;
            }

            problem ??= wrong;
            if (problem is null)
            {
                length += written.Length;
                lines.Add(read!);
                At(path, line, () => RefuseTooLong(length, lines.Count - 1));
            }
        }

        yield return line > begin
            ? new Recording(path, begin, lines, isAlone: begin == 1, problem)
            : throw new RecordingException("no header").At(path, line);
    }

    /// <summary>A line; of one that is none it can still be told whether it begins a recording.</summary>
    private static JsonObject? TryParse(string path, int line, string written, out bool isHeader, out RecordingException? problem)
    {
        try
        {
            JsonObject read = At(path, line, () => Parse(written));
            isHeader = At(path, line, () => read.ContainsKey(Format));
            problem = null;
            return read;
        }
        catch (RecordingException wrong)
        {
            isHeader = written.Contains($"\"{Format}\"", StringComparison.Ordinal);
            problem = wrong;
            return null;
        }
    }

    private static JsonObject Parse(string line)
    {
        JsonObject read = JsonNode.Parse(line) as JsonObject ?? throw new RecordingException("not a JSON object");

        // Half of a character that takes two is found out by whoever looks at the text, which may be nobody until an error
        // is told.
        if (line.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
        {
            _ = read.ToJsonString();
        }

        return read;
    }

    private static bool RefuseTooLong(int length, int events) =>
        length > InputLimits.Recording ? throw BoundedReader.TooLong("the recording", InputLimits.Recording)
        : events > InputLimits.Events ? throw new RecordingException($"a recording has at most {InputLimits.Events} events")
        : true;

    private static T At<T>(string path, int line, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (RecordingException exception)
        {
            throw exception.At(path, line);
        }
        catch (JsonException exception)
        {
            throw new RecordingException($"not JSON: {exception.Message}", exception).At(path, line);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A value of the right kind that makes no sense: a negative delay, a bridge of no bus; Brotli's word for a damaged
            // archive; or what the model cannot play. One recording must not end the replay of others.
            throw new RecordingException(exception.Message, exception).At(path, line);
        }
    }
}
