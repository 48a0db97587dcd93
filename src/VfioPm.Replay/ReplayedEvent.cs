using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>An event as recorded and as the model played it, both with all state.</summary>
/// <param name="Recorded">What the kernel said.</param>
/// <param name="Played">What the model said, written as the recorder would have written it.</param>
public sealed record ReplayedEvent(JsonObject Recorded, JsonObject Played)
{
    private static readonly HashSet<string> Lists = ["state", "clock", "us", "rpm"];

    /// <summary>Where they differ.</summary>
    public IReadOnlyList<Difference> Differences { get; } = Difference.Between(Recorded, Played);

    /// <summary>What was done, and what the kernel answered: the recorded event without its longer lists.</summary>
    public string Title => string.Join(' ', Recorded
        .Where(static pair => !Lists.Contains(pair.Key))
        .Select(static pair => $"{pair.Key}={pair.Value?.ToJsonString() ?? "null"}"));
}
