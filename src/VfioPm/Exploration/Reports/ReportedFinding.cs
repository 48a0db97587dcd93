using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>What a report says of a rule that broke.</summary>
public sealed class ReportedFinding
{
    internal ReportedFinding(Counterexample finding)
        : this(finding.Rule.Id, finding.How, finding.Schedule, finding.Test, finding.Scenario, finding.Place)
    {
    }

    private ReportedFinding(string rule, string how, Schedule schedule, string test, string? scenario, IReadOnlyList<int> place)
    {
        Rule = rule;
        How = how;
        Schedule = schedule;
        Test = test;
        Scenario = scenario;
        Place = place;
    }

    /// <summary>The rule's id.</summary>
    public string Rule { get; }

    /// <summary>What was seen.</summary>
    public string How { get; }

    /// <summary>Who did what in which order.</summary>
    public Schedule Schedule { get; }

    /// <summary>The same as C#.</summary>
    public string Test { get; }

    /// <summary>The same as a scenario, or null (<see cref="Counterexample.Scenario"/>).</summary>
    public string? Scenario { get; }

    /// <summary>Where it stands among all ways: of two, the one that a search comes to first has the smaller one.</summary>
    private IReadOnlyList<int> Place { get; }

    internal static ReportedFinding Parse(JsonObject finding) => new(
        finding["rule"]!.GetValue<string>(),
        finding["how"]!.GetValue<string>(),
        Schedule.Parse(finding["schedule"]!.GetValue<string>()),
        finding["test"]!.GetValue<string>(),
        finding["scenario"]?.GetValue<string>(),
        [.. finding["place"]!.AsArray().Select(static number => number!.GetValue<int>())]);

    /// <summary>Of those that say the same, the one that a search of the whole comes to first; all in its order.</summary>
    internal static IReadOnlyList<ReportedFinding> FirstOfEach(IEnumerable<ReportedFinding> findings) =>
    [
        .. findings
            .OrderBy(static finding => finding.Place, Comparer<IReadOnlyList<int>>.Create(Compare))
            .DistinctBy(static finding => (finding.Rule, finding.How)),
    ];

    internal JsonObject ToJson() => new()
    {
        ["rule"] = Rule,
        ["how"] = How,
        ["steps"] = new JsonArray([.. Schedule.Choices.Select(static choice => (JsonNode)choice)]),
        ["schedule"] = Schedule.ToString(),
        ["test"] = Test,
        ["scenario"] = Scenario,
        ["place"] = new JsonArray([.. Place.Select(static number => (JsonNode)number)]),
    };

    private static int Compare(IReadOnlyList<int> left, IReadOnlyList<int> right)
    {
        int difference = left.Count.CompareTo(right.Count);
        for (int index = 0; difference == 0 && index < left.Count; index++)
        {
            difference = left[index].CompareTo(right[index]);
        }

        return difference;
    }
}
