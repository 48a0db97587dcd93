namespace VfioPm;

/// <summary>One scenario on several kernels, step by step.</summary>
public sealed class ScenarioComparison
{
    private ScenarioComparison(IReadOnlyList<ScenarioRun> runs)
    {
        Runs = runs;
        Steps = [.. Enumerable.Range(0, runs[0].Steps.Count).Select(i => ComparedStep.Of(runs, i))];
    }

    /// <summary>The runs.</summary>
    public IReadOnlyList<ScenarioRun> Runs { get; }

    /// <summary>Each operation, with what the kernels do otherwise in it.</summary>
    public IReadOnlyList<ComparedStep> Steps { get; }

    /// <summary>The first operation in which not all do the same, or null.</summary>
    public ComparedStep? FirstParting => Steps.FirstOrDefault(static step => step.Differences.Count > 0);

    /// <summary>Compares runs of one scenario on one machine.</summary>
    /// <exception cref="ArgumentException">There is none, or they are not of one scenario.</exception>
    public static ScenarioComparison Of(IReadOnlyList<ScenarioRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return runs.Select(static run => (run.Scenario, run.Topology)).Distinct().Count() == 1
            ? new ScenarioComparison(runs)
            : throw new ArgumentException("Only runs of one scenario on one machine can be compared.", nameof(runs));
    }
}
