using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>An operation of a scenario on several kernels.</summary>
/// <param name="Step">The operation.</param>
/// <param name="Results">What came of it, one a kernel.</param>
/// <param name="Differences">What is not the same on all.</param>
public sealed record ComparedStep(
    ScenarioStep Step, IReadOnlyList<ScenarioResult> Results, IReadOnlyList<ComparedField> Differences)
{
    // When it was, and how the kernel came there: its trace has other lines, and other events, from kernel to kernel.
    private static readonly HashSet<string> Ways = ["i", "t0", "t1", "took", "rpm"];

    internal static ComparedStep Of(IReadOnlyList<ScenarioRun> runs, int index)
    {
        ScenarioResult[] results = [.. runs.Select(run => run.Steps[index].Result)];
        Dictionary<string, string> names = runs[0].Topology.Functions.ToDictionary(pair => pair.Value, pair => pair.Key);
        Dictionary<string, string>[] fields = [.. results.Select(result => FieldsOf(result, names))];
        return new ComparedStep(
            runs[0].Steps[index].Step,
            results,
            [
                .. fields.SelectMany(static each => each.Keys)
                    .Distinct()
                    .Select(field => new ComparedField(field, [.. fields.Select(each => each.GetValueOrDefault(field, ""))]))
                    .Where(static field => field.Values.Distinct().Count() > 1),
            ]);
    }

    private static Dictionary<string, string> FieldsOf(ScenarioResult result, Dictionary<string, string> names)
    {
        Dictionary<string, string> fields = [];
        if (result.Obstacle is { } obstacle)
        {
            fields["left out"] = obstacle;
        }

        foreach ((string field, JsonNode? value) in result.Event ?? [])
        {
            if (field == "state")
            {
                foreach ((string address, JsonNode? state) in value!.AsObject())
                {
                    foreach ((string what, JsonNode? now) in state!.AsObject())
                    {
                        fields[$"{names[address]}.{what}"] = now?.ToString() ?? "-";
                    }
                }
            }
            else if (!Ways.Contains(field))
            {
                fields[field] = field == "ret" ? CodeOf(value) : value?.ToString() ?? "-";
            }
        }

        return fields;
    }

    private static string CodeOf(JsonNode? value) =>
        value is JsonValue code && code.TryGetValue(out int ret) ? new KernelResult(ret).ToString() : value?.ToString() ?? "-";
}
