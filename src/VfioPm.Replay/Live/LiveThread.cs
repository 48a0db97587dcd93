using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>One of those who do something on a host at the same time: the user, the administrator.</summary>
internal sealed class LiveThread
{
    // What an event has and a call of a thread has not.
    private static readonly string[] OfEvents = ["i", "t0", "t1", "state", "rpm"];

    private readonly List<(TimeSpan Began, JsonObject Call)> _calls = [];

    /// <summary>What it did since nothing was under way the last time.</summary>
    public IReadOnlyList<JsonObject> Calls => [.. _calls.Select(static each => each.Call)];

    /// <summary>It did something.</summary>
    /// <param name="began">When.</param>
    /// <param name="happened">What was asked and answered; whatever else it has of an event is left out.</param>
    public void Add(TimeSpan began, JsonObject happened)
    {
        var call = (JsonObject)happened.DeepClone();
        Array.ForEach(OfEvents, field => call.Remove(field));
        _calls.Add((began, call));
    }

    /// <summary>The same as the calls of one thread in a <c>par</c>.</summary>
    /// <param name="origin">When the first of all was begun.</param>
    public JsonArray ToJson(TimeSpan origin) => new([.. _calls.Select(each =>
    {
        JsonObject call = new() { ["at"] = VfioOperation.Milliseconds(each.Began - origin) };
        foreach ((string field, JsonNode? value) in each.Call)
        {
            call[field] = value?.DeepClone();
        }

        return (JsonNode)call;
    })]);

    public void Clear() => _calls.Clear();
}
