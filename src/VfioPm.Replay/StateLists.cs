using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// The lists by device in one sequence of events. Where the header says <c>"state":"changed"</c> they have only
/// the devices whose record differs from the event before.
/// </summary>
internal sealed class StateLists(JsonObject header)
{
    private static readonly string[] Lists = ["state", "clock"];

    private readonly bool _onlyChanges = header.Optional<string>("state") == "changed";
    private readonly Dictionary<string, JsonObject> _latest = Lists.ToDictionary(list => list, _ => new JsonObject());

    /// <summary>Completes the event's lists with the records that did not change.</summary>
    public JsonObject Fill(JsonObject changed) => _onlyChanges ? Replace(changed, (list, latest) =>
    {
        foreach ((string device, JsonNode? record) in list)
        {
            latest[device] = record?.DeepClone();
        }

        return (JsonObject)latest.DeepClone();
    }) : changed;

    /// <summary>Takes the records that did not change out of the event's lists.</summary>
    public JsonObject Thin(JsonObject full) => _onlyChanges ? Replace(full, static (list, latest) =>
    {
        JsonObject changed = [];
        foreach ((string device, JsonNode? record) in list)
        {
            if (!JsonNode.DeepEquals(record, latest[device]))
            {
                changed[device] = record?.DeepClone();
                latest[device] = record?.DeepClone();
            }
        }

        return changed;
    }) : full;

    private JsonObject Replace(JsonObject played, Func<JsonObject, JsonObject, JsonObject> replace)
    {
        JsonObject result = (JsonObject)played.DeepClone();
        foreach (string name in Lists)
        {
            if (result[name] is JsonObject list)
            {
                result[name] = replace(list, _latest[name]);
            }
        }

        return result;
    }
}
