using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>A field that the model fills otherwise than the kernel did.</summary>
/// <param name="Field">Its path in the event: "state.c1.usage".</param>
/// <param name="Recorded">What the kernel said; empty where the recording has no such field.</param>
/// <param name="Played">What the model said.</param>
public sealed record Difference(string Field, string Recorded, string Played)
{
    // When something was, and by the microsecond: the machine's speed, not what the kernel decided.
    private static readonly HashSet<string> ClockReadings = ["t0", "t1", "at", "us", "clock"];

    /// <summary>Compares every recorded field of an event except the readings of the clock.</summary>
    internal static IReadOnlyList<Difference> Between(JsonObject recorded, JsonObject played)
    {
        List<Difference> found = [];
        foreach ((string field, JsonNode? value) in recorded)
        {
            Tell(field, field, value, played[field], found);
        }

        return found;
    }

    /// <summary>Whether the model filled a field as the kernel did.</summary>
    /// <param name="field">Its name; in a list it has none.</param>
    /// <param name="recorded">What the kernel said.</param>
    /// <param name="played">What the model said.</param>
    internal static bool Agree(string field, JsonNode? recorded, JsonNode? played) => ClockReadings.Contains(field)
        || (recorded is JsonObject left && played is JsonObject right ? Agree(left, right)
            : recorded is JsonArray all && played is JsonArray some && AreOfCalls(all, some) ? Agree(all, some)
            : field == VfioOperation.Took ? recorded is null || CallDuration.Agree((double)recorded, (double?)played ?? 0)
            : JsonNode.DeepEquals(recorded, played) || IsUnknown(recorded, played));

    /// <inheritdoc/>
    public override string ToString() => $"{Field}: {ByteDifference.Between(Recorded, Played) ?? $"recorded {Recorded}, model {Played}"}";

    private static bool Agree(JsonObject recorded, JsonObject played)
    {
        foreach ((string field, JsonNode? value) in recorded)
        {
            if (!Agree(field, value, played[field]))
            {
                return false;
            }
        }

        foreach ((string field, JsonNode? value) in played)
        {
            if (!recorded.ContainsKey(field) && !Agree(field, null, value))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Agree(JsonArray recorded, JsonArray played)
    {
        for (int i = 0; i < recorded.Count; i++)
        {
            if (!Agree("", recorded[i], played[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Tells where a field is filled otherwise, as deep in it as it goes.</summary>
    private static void Tell(string path, string field, JsonNode? recorded, JsonNode? played, List<Difference> found)
    {
        if (Agree(field, recorded, played))
        {
            return;
        }

        if (recorded is JsonObject left && played is JsonObject right)
        {
            foreach (string each in left.Concat(right).Select(static pair => pair.Key).Distinct())
            {
                Tell($"{path}.{each}", each, left[each], right[each], found);
            }
        }
        else if (recorded is JsonArray all && played is JsonArray some && AreOfCalls(all, some))
        {
            for (int i = 0; i < all.Count; i++)
            {
                Tell($"{path}[{i}]", "", all[i], some[i], found);
            }
        }
        else
        {
            found.Add(new Difference(path, Show(recorded), Show(played)));
        }
    }

    /// <summary>Threads, or the calls of one (<see cref="ParallelCalls"/>); other lists are told as one.</summary>
    private static bool AreOfCalls(JsonArray recorded, JsonArray played) =>
        recorded.Count > 0
        && recorded.Count == played.Count
        && recorded.All(static item => item is JsonArray || (item is JsonObject call && call.ContainsKey("at")));

    /// <summary>Whether two texts differ in nothing but bytes that the model cannot know.</summary>
    private static bool IsUnknown(JsonNode? recorded, JsonNode? played) =>
        recorded is JsonValue left && left.TryGetValue(out string? said)
        && played is JsonValue right && right.TryGetValue(out string? guessed)
        && guessed.Contains(UnknownBytes.Placeholder, StringComparison.Ordinal)
        && said.Length == guessed.Length
        && said.Zip(guessed).All(static pair => pair.First == pair.Second || pair.Second == '?');

    private static string Show(JsonNode? value) => value?.ToJsonString() ?? "null";
}
