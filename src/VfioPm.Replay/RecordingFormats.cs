using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>Which formats of recordings can be played.</summary>
internal static class RecordingFormats
{
    private static readonly Dictionary<string, Func<JsonObject, Action<SimulatedHost>?, IRecordingPlayer>> Players = new()
    {
        ["rpm-trace/1"] = static (header, _) => new RpmPlayer(header),
        ["vfio-pm-trace/1"] = static (header, begins) => new VfioPlayer(header) { Begins = begins },
    };

    /// <summary>A player with the machine that the header describes.</summary>
    /// <exception cref="RecordingException">The header names no known format, or describes no machine.</exception>
    /// <param name="header">The header.</param>
    /// <param name="begins">Is shown the host that the recording begins on, where it has one.</param>
    public static IRecordingPlayer CreatePlayer(JsonObject header, Action<SimulatedHost>? begins)
    {
        string format = header.Required<string>("format");
        return Players.TryGetValue(format, out Func<JsonObject, Action<SimulatedHost>?, IRecordingPlayer>? create)
            ? create(header, begins)
            : throw new RecordingException($"format \"{format}\" is none of {string.Join(", ", Players.Keys)}");
    }
}
