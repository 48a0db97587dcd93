using System.Text.Json.Nodes;

namespace VfioPm.Cli;

/// <summary>An event of a scenario in a few words.</summary>
internal static class StepText
{
    private const int MostData = 32;

    private static readonly string[] Results = ["data", "value", "count", "fault", "sent"];

    /// <summary>What came of it: the answer, or that it was left out and why.</summary>
    public static string Of(ScenarioResult result) =>
        result.Event is { } played ? AnswerOf(played) : $"left out: {result.Obstacle}";

    /// <summary>What was returned, and what was read: "0", "-EACCES", "2 0b00".</summary>
    private static string AnswerOf(JsonObject played)
    {
        string code = played["ret"] is JsonValue value && value.TryGetValue(out int ret)
            ? new KernelResult(ret).ToString()
            : played["ret"]!.ToString();
        string said = string.Join(' ', Results
            .Where(field => field != "value" || (string?)played["op"] is "sysfs_read" or "slot_read")
            .Select(field => played[field]?.ToString())
            .OfType<string>());
        return said.Length == 0 ? code : $"{code}  {(said.Length <= MostData ? said : said[..(MostData - 1)] + "…")}";
    }
}
