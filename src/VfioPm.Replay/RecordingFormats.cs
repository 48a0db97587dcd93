using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>Which formats of recordings can be played.</summary>
internal static class RecordingFormats
{
    private static readonly Dictionary<string, Func<JsonObject, IRecordingPlayer>> Players = new()
    {
        ["rpm-trace/1"] = static header => new RpmPlayer(header),
        ["vfio-pm-trace/1"] = static header => new VfioPlayer(header),
    };

    /// <summary>A player with the machine that the header describes.</summary>
    /// <exception cref="RecordingException">The header names no known format, or describes no machine.</exception>
    public static IRecordingPlayer CreatePlayer(JsonObject header)
    {
        string format = header.Required<string>("format");
        return Players.TryGetValue(format, out Func<JsonObject, IRecordingPlayer>? create)
            ? create(header)
            : throw new RecordingException($"format \"{format}\" is none of {string.Join(", ", Players.Keys)}");
    }
}
