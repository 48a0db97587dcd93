using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>An event as recorded and as the model played it, both with all state.</summary>
public sealed class ReplayedEvent
{
    private static readonly HashSet<string> Lists = ["state", "clock", "us", "rpm"];

    private readonly PlayedEvent? _event;
    private JsonObject? _played;
    private IReadOnlyList<Difference>? _differences;

    internal ReplayedEvent(JsonObject recorded, JsonObject played)
    {
        Recorded = recorded;
        _played = played;
    }

    internal ReplayedEvent(JsonObject recorded, PlayedEvent played)
    {
        Recorded = recorded;
        _event = played;
        _differences = played.Differences;
    }

    /// <summary>What the kernel said.</summary>
    public JsonObject Recorded { get; }

    /// <summary>What the model said, written as the recorder would have written it.</summary>
    public JsonObject Played => _played ??= _event!.Json;

    /// <summary>Where they differ.</summary>
    public IReadOnlyList<Difference> Differences => _differences ??= Difference.Between(Recorded, Played);

    /// <summary>What was done, and what the kernel answered: the recorded event without its longer lists.</summary>
    public string Title => string.Join(' ', Recorded
        .Where(static pair => !Lists.Contains(pair.Key))
        .Select(static pair => $"{pair.Key}={ByteDifference.Shorten(pair.Value?.ToJsonString() ?? "null")}"));
}
