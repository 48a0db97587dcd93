using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>A field that the model fills otherwise than the kernel did.</summary>
/// <param name="Field">Its path in the event: "state.c1.usage".</param>
/// <param name="Recorded">What the kernel said; empty where the recording has no such field.</param>
/// <param name="Played">What the model said.</param>
public sealed record Difference(string Field, string Recorded, string Played)
{
    // When something was, and by the microsecond: the machine's speed, not what the kernel decided.
    private static readonly HashSet<string> ClockReadings = ["t0", "t1", "us", "clock"];

    /// <summary>Compares every recorded field of an event except the readings of the clock.</summary>
    internal static IReadOnlyList<Difference> Between(JsonObject recorded, JsonObject played)
    {
        List<Difference> found = [];
        foreach ((string field, JsonNode? value) in recorded)
        {
            if (!ClockReadings.Contains(field))
            {
                Compare(field, value, played[field], found);
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Field}: recorded {Recorded}, model {Played}";

    private static void Compare(string path, JsonNode? recorded, JsonNode? played, List<Difference> found)
    {
        if (recorded is JsonObject left && played is JsonObject right)
        {
            foreach (string field in left.Union(right).Select(static pair => pair.Key).Distinct())
            {
                Compare($"{path}.{field}", left[field], right[field], found);
            }
        }
        else if (!JsonNode.DeepEquals(recorded, played) && !IsUnknown(recorded, played))
        {
            found.Add(new Difference(path, Show(recorded), Show(played)));
        }
    }

    /// <summary>Whether two texts differ in nothing but bytes that the model cannot know.</summary>
    private static bool IsUnknown(JsonNode? recorded, JsonNode? played) =>
        recorded is JsonValue left && left.TryGetValue(out string? said)
        && played is JsonValue right && right.TryGetValue(out string? guessed)
        && guessed.Contains(UnknownBytes.Placeholder, StringComparison.Ordinal)
        && said.Length == guessed.Length
        && said.Zip(guessed).All(static pair => pair.First == pair.Second || pair.Second == '?');

    private static string Show(JsonNode? value) => value?.ToJsonString() ?? "null";
}
