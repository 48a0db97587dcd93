using System.Text.Json;
using System.Text.Json.Nodes;

namespace VfioPm.Cli;

/// <summary>A recording: a header, and one JSON object an event.</summary>
internal sealed class Recording
{
    private Recording(JsonObject header, IReadOnlyList<JsonObject> events)
    {
        Header = header;
        Events = events;
    }

    /// <summary>What was recorded where; <c>format</c> names the format.</summary>
    public JsonObject Header { get; }

    /// <summary>What happened. Event <c>k</c> is on line <c>k + <see cref="FirstEventLine"/></c>.</summary>
    public IReadOnlyList<JsonObject> Events { get; }

    /// <summary>The line of the first event.</summary>
    public static int FirstEventLine => 2;

    /// <summary>Reads a whole recording.</summary>
    /// <param name="path">What to call it in messages.</param>
    /// <param name="text">The file's text.</param>
    /// <exception cref="RecordingException">It is not one; the message names the file and the line.</exception>
    public static Recording Read(string path, TextReader text)
    {
        List<JsonObject> lines = [];
        try
        {
            while (text.ReadLine() is { } line)
            {
                lines.Add(JsonNode.Parse(line) as JsonObject
                    ?? throw new RecordingException("not a JSON object"));
            }

            return lines.Count == 0
                ? throw new RecordingException("no header")
                : new Recording(lines[0], lines[1..]);
        }
        catch (JsonException exception)
        {
            throw new RecordingException($"not JSON: {exception.Message}", exception).At(path, lines.Count + 1);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            throw new RecordingException(exception.Message, exception).At(path, lines.Count + 1);
        }
        catch (RecordingException exception)
        {
            throw exception.At(path, lines.Count + 1);
        }
    }
}
