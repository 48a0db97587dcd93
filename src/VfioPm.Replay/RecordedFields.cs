using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>Reading the fields that a player needs, with an error that names the field.</summary>
internal static class RecordedFields
{
    /// <summary>A text or a whole number; null only where <typeparamref name="T"/> may be.</summary>
    /// <exception cref="RecordingException">It is missing or something else.</exception>
    public static T Required<T>(this JsonObject recorded, string field) =>
        recorded[field] is JsonValue value && value.TryGetValue(out T? result)
            ? result
            : throw new RecordingException($"\"{field}\" is missing or not what it should be");

    /// <summary>A text or a number that may be absent or null.</summary>
    /// <exception cref="RecordingException">It is something else.</exception>
    public static T? Optional<T>(this JsonObject recorded, string field) =>
        recorded[field] is null ? default : recorded.Required<T>(field);

    /// <summary>A whole number within bounds.</summary>
    /// <exception cref="RecordingException">It is missing, something else, or beyond one of them.</exception>
    public static long RequiredNumber(this JsonObject recorded, string field, long least, long most)
    {
        long number = recorded.Required<long>(field);
        return number >= least && number <= most
            ? number
            : throw new RecordingException($"\"{field}\" is {number}, and not from {least} to {most}");
    }

    /// <summary>A list.</summary>
    /// <exception cref="RecordingException">It is missing, something else, or longer than it may be.</exception>
    public static JsonArray RequiredList(this JsonObject recorded, string field, int most = int.MaxValue)
    {
        JsonArray list = recorded[field] as JsonArray ?? throw new RecordingException($"\"{field}\" is not a list");
        return list.Count <= most ? list : throw new RecordingException($"\"{field}\" has more than {most}");
    }

    /// <summary>An object.</summary>
    /// <exception cref="RecordingException">It is missing or something else.</exception>
    public static JsonObject RequiredObject(this JsonObject recorded, string field) =>
        recorded[field] as JsonObject ?? throw new RecordingException($"\"{field}\" is not an object");
}
