using System.Text.Json;
using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// A recording of a real kernel: a header, and one JSON object an event. Formats are <c>rpm-trace/1</c> (the runtime-PM
/// core) and <c>vfio-pm-trace/1</c> (vfio-pci).
/// </summary>
public sealed class Recording
{
    private readonly string _path;

    private Recording(string path, List<JsonObject> lines)
    {
        _path = path;
        Header = lines[0];
        Events = lines[1..];
    }

    /// <summary>Where it was read, for messages.</summary>
    public string Place => _path;

    /// <summary>What was recorded where; <c>format</c> names the format.</summary>
    public JsonObject Header { get; }

    /// <summary>What happened, in order.</summary>
    public IReadOnlyList<JsonObject> Events { get; }

    /// <summary>Reads a whole recording.</summary>
    /// <param name="path">What to call it in messages.</param>
    /// <param name="text">The file's text.</param>
    /// <exception cref="RecordingException">It is not one; the message names the file and the line.</exception>
    public static Recording Read(string path, TextReader text)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(text);
        List<JsonObject> lines = [];
        while (ReadLine(path, lines.Count + 1, text) is { } line)
        {
            lines.Add(line);
        }

        return lines.Count > 0 ? new Recording(path, lines) : throw new RecordingException("no header").At(path, 1);
    }

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
    internal T AtHeader<T>(Func<T> use) => At(0, use);

    /// <summary>Does something with an event, and says where that is if it makes no sense.</summary>
    internal T AtEvent<T>(int index, Func<T> use) => At(index + 1, use);

    private T At<T>(int index, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (RecordingException exception)
        {
            throw exception.At(_path, index + 1);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // A value of the right kind that no kernel takes: a negative delay, a name given twice.
            throw new RecordingException(exception.Message, exception).At(_path, index + 1);
        }
    }

    private static JsonObject? ReadLine(string path, int number, TextReader text)
    {
        try
        {
            return text.ReadLine() is not { } line ? null
                : JsonNode.Parse(line) as JsonObject ?? throw new RecordingException("not a JSON object").At(path, number);
        }
        catch (JsonException exception)
        {
            throw new RecordingException($"not JSON: {exception.Message}", exception).At(path, number);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            throw new RecordingException(exception.Message, exception).At(path, number);
        }
    }
}
