using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>What sysfs says of a function: an entry of the format's <c>state</c>.</summary>
internal readonly record struct FunctionState(
    string? PowerState, string? Status, int Usage, int ActiveKids, string? Control, string? Enabled, int IsD3ColdAllowed)
{
    private const int Fields = 7;

    public static FunctionState Of(PciSysfs sysfs) => new(
        sysfs.Read("power_state").Text,
        sysfs.Read("power/runtime_status").Text,
        NumberOf(sysfs, "power/runtime_usage"),
        NumberOf(sysfs, "power/runtime_active_kids"),
        sysfs.Read("power/control").Text,
        sysfs.Read("power/runtime_enabled").Text,
        NumberOf(sysfs, "d3cold_allowed"));

    /// <summary>The whole list.</summary>
    public static JsonObject ToJson(IEnumerable<(string Function, FunctionState State)> all) =>
        new(all.Select(static one => KeyValuePair.Create(one.Function, (JsonNode?)one.State.ToJson())));

    /// <summary>Whether a recorder wrote just this.</summary>
    public bool Is(JsonNode? recorded) => recorded is JsonObject { Count: Fields } entry
        && Is(entry, "ps", PowerState)
        && Is(entry, "rs", Status)
        && Is(entry, "usage", Usage)
        && Is(entry, "kids", ActiveKids)
        && Is(entry, "ctl", Control)
        && Is(entry, "en", Enabled)
        && Is(entry, "d3", IsD3ColdAllowed);

    private JsonObject ToJson() => new()
    {
        ["ps"] = PowerState,
        ["rs"] = Status,
        ["usage"] = Usage,
        ["kids"] = ActiveKids,
        ["ctl"] = Control,
        ["en"] = Enabled,
        ["d3"] = IsD3ColdAllowed,
    };

    private static bool Is(JsonObject entry, string field, string? text) =>
        entry.TryGetPropertyValue(field, out JsonNode? recorded)
        && (recorded is JsonValue value
            ? value.TryGetValue(out JsonElement written) && written.ValueKind == JsonValueKind.String && written.ValueEquals(text)
            : recorded is null && text is null);

    private static bool Is(JsonObject entry, string field, int number) =>
        entry[field] is JsonValue value && value.TryGetValue(out int recorded) && recorded == number;

    private static int NumberOf(PciSysfs sysfs, string attribute) =>
        int.Parse(sysfs.Read(attribute).Text!, CultureInfo.InvariantCulture);
}
