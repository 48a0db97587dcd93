using System.Globalization;
using System.Text.Json.Nodes;

namespace VfioPm.Cli;

/// <summary>One run in lines for people: each operation with what it gave and what came of it, then the timeline.</summary>
/// <param name="output">Where to.</param>
internal sealed class StepReport(TextWriter output)
{
    private const int AnswerWidth = 10;

    public void Write(ScenarioRun run)
    {
        output.WriteLine($"{run.Scenario.Name} on {run.Profile}, topology {run.Topology.Name}");
        output.WriteLine();
        int width = run.Steps.Select(static played => played.Step.Text.Length).DefaultIfEmpty().Max();
        Dictionary<string, string> states = run.Recording.Header["functions"]!.AsArray()
            .OfType<JsonObject>()
            .Where(static function => function["state"] is not null)
            .ToDictionary(static function => (string)function["bdf"]!, static function => StateOf(function["state"]!));
        output.WriteLine($"{"",4}  {"at first".PadRight(width)}  {"",AnswerWidth}  {Names(run, states)}".TrimEnd());
        foreach ((ScenarioStep step, ScenarioResult result) in run.Steps)
        {
            string what = $"{step.Line.ToString(CultureInfo.InvariantCulture),4}  {step.Text.PadRight(width)}";
            output.WriteLine(result.Event is { } played
                ? $"{what}  {StepText.Of(result).PadRight(AnswerWidth)}  {Names(run, Changes(played, states))}".TrimEnd()
                : $"{what}  {StepText.Of(result)}");
        }

        output.WriteLine();
        output.Write(run.Draw().ToTimeline());
    }

    /// <summary>The functions whose power state is another than after the operation before.</summary>
    private static Dictionary<string, string> Changes(JsonObject played, Dictionary<string, string> states)
    {
        Dictionary<string, string> changes = [];
        foreach ((string address, JsonNode? state) in played["state"]!.AsObject())
        {
            string now = StateOf(state!);
            if (!states.TryGetValue(address, out string? before) || before != now)
            {
                changes[address] = states[address] = now;
            }
        }

        return changes;
    }

    /// <summary>What sysfs calls it; a kernel without <c>power_state</c> tells only whether it is suspended.</summary>
    private static string StateOf(JsonNode state) => (string)(state["ps"] ?? state["rs"])!;

    private static string Names(ScenarioRun run, Dictionary<string, string> states) => string.Join("  ", run.Topology.Functions
        .Where(function => states.ContainsKey(function.Value))
        .Select(function => $"{function.Key} {states[function.Value]}"));
}
