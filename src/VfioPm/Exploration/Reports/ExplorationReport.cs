using System.Text.Json;
using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>What an exploration saw, to be kept in a file, and put together with those of other machines.</summary>
public sealed class ExplorationReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly IReadOnlyList<ulong> _hashes;

    /// <summary>The report of a result.</summary>
    /// <param name="result">What it saw.</param>
    /// <param name="seconds">How long it took, in real time.</param>
    public ExplorationReport(ExplorationResult result, double seconds)
    {
        ArgumentNullException.ThrowIfNull(result);
        Profile = result.Profile.Name;
        States = result.States;
        Depth = result.Depth;
        IsComplete = result.IsComplete;
        Seconds = seconds;
        Findings = [.. result.Findings.Select(static finding => new ReportedFinding(finding))];
        _hashes = result.StateHashes;
    }

    private ExplorationReport(
        string profile,
        int states,
        int depth,
        double seconds,
        bool isComplete,
        IReadOnlyList<ReportedFinding> findings,
        IReadOnlyList<ulong> hashes)
    {
        Profile = profile;
        States = states;
        Depth = depth;
        Seconds = seconds;
        IsComplete = isComplete;
        Findings = findings;
        _hashes = hashes;
    }

    /// <summary>The kernel's name.</summary>
    public string Profile { get; }

    /// <summary>How many states were seen.</summary>
    public int States { get; }

    /// <summary>How many choices the longest way has.</summary>
    public int Depth { get; }

    /// <summary>How long it took.</summary>
    public double Seconds { get; }

    /// <summary>Whether all that was asked for was looked at.</summary>
    public bool IsComplete { get; }

    /// <summary>What broke.</summary>
    public IReadOnlyList<ReportedFinding> Findings { get; }

    /// <summary>The report of a file.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ExplorationReport Parse(string json)
    {
        try
        {
            JsonObject report = JsonNode.Parse(json)?.AsObject() ?? throw new FormatException("It is no report of an exploration: null.");
            return new ExplorationReport(
                report["profile"]!.GetValue<string>(),
                report["states"]!.GetValue<int>(),
                report["depth"]!.GetValue<int>(),
                report["seconds"]!.GetValue<double>() is var seconds && double.IsFinite(seconds)
                    ? seconds
                    : throw new FormatException("It is no report of an exploration: it took for ever."),
                report["complete"]!.GetValue<bool>(),
                [.. report["findings"]!.AsArray().Select(static finding => ReportedFinding.Parse(finding!.AsObject()))],
                StateList.Parse(report["hashes"]?.GetValue<string>()));
        }
        catch (Exception problem) when (problem
            is JsonException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            string what = problem is NullReferenceException ? "something is missing." : problem.Message;
            throw new FormatException($"It is no report of an exploration: {what}", problem);
        }
    }

    /// <summary>The reports of all shards of one exploration as that of the whole.</summary>
    /// <exception cref="ArgumentException">There is none, they are of several kernels, or one is no shard's.</exception>
    public static ExplorationReport Merge(params IReadOnlyList<ExplorationReport> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        if (shards.Select(static shard => shard.Profile).Distinct().Count() != 1)
        {
            throw new ArgumentException("Shards are of one exploration, and so of one kernel.", nameof(shards));
        }

        if (shards.Any(static shard => shard._hashes.Count != shard.States))
        {
            throw new ArgumentException("Only reports of shards can be put together: they say which states were seen.", nameof(shards));
        }

        ulong[] hashes = [.. shards.SelectMany(static shard => shard._hashes).Distinct().Order()];
        return new ExplorationReport(
            shards[0].Profile,
            hashes.Length,
            shards.Max(static shard => shard.Depth),
            shards.Sum(static shard => shard.Seconds),
            shards.All(static shard => shard.IsComplete),
            ReportedFinding.FirstOfEach(shards.SelectMany(static shard => shard.Findings)),
            hashes);
    }

    /// <summary>The report as JSON, as <c>vfio-pm explore --json</c> prints it.</summary>
    /// <param name="isShard">Whether it is to be put together with others, and says which states it saw.</param>
    public string ToJson(bool isShard = false)
    {
        var report = new JsonObject
        {
            ["profile"] = Profile,
            ["states"] = States,
            ["depth"] = Depth,
            ["seconds"] = Seconds,
            ["complete"] = IsComplete,
            ["findings"] = new JsonArray([.. Findings.Select(finding => (JsonNode)finding.ToJson())]),
        };
        if (isShard)
        {
            report["hashes"] = StateList.Write(_hashes);
        }

        return report.ToJsonString(Indented);
    }
}
