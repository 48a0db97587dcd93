namespace VfioPm.Cli;

/// <summary>Plays scenarios one after the other and tells of each.</summary>
/// <param name="output">Where it is told.</param>
internal sealed class ScenarioSession(TextWriter output)
{
    // One on which the function and its port reach D3cold.
    private const string UsualTopology = "b";

    /// <summary>The kernels.</summary>
    public required IReadOnlyList<KernelProfile> Profiles { get; init; }

    /// <summary>The machine; null for the one that each scenario is meant for.</summary>
    public ScenarioTopology? Topology { get; init; }

    /// <summary>Where recordings are written, if anywhere.</summary>
    public string? EmitFolder { get; init; }

    /// <summary>What is drawn, if anything.</summary>
    public PictureFile? Picture { get; init; }

    /// <exception cref="BadInputException">One picture cannot show it, or a file cannot be written.</exception>
    public void Run(IReadOnlyList<(Scenario Scenario, ScenarioTopology? Topology)> scenarios)
    {
        if (Picture is not null && scenarios.Count * Profiles.Count > 1)
        {
            throw new BadInputException($"{Picture.Path}: a picture is made of one scenario on one kernel");
        }

        string separator = "";
        foreach ((Scenario scenario, ScenarioTopology? recorded) in scenarios)
        {
            output.Write(separator);
            Run(scenario, Topology ?? recorded ?? ScenarioTopology.Named(TopologyOf(scenario)));
            separator = Environment.NewLine;
        }
    }

    private static string TopologyOf(Scenario scenario) =>
        scenario.Topologies is [var first, ..] && !scenario.Topologies.Contains(UsualTopology) ? first : UsualTopology;

    private void Run(Scenario scenario, ScenarioTopology topology)
    {
        KernelProfile[] profiles = [.. Profiles.Where(profile => scenario.IsFor(profile, topology))];
        if (profiles.Length == 0)
        {
            output.WriteLine($"{scenario.Name}: not for {string.Join(", ", Profiles)} on {topology.Name}, says its head");
            return;
        }

        ScenarioRun[] runs = [.. profiles.Select(profile => ScenarioRun.Play(scenario, profile, topology))];
        foreach (ScenarioRun run in runs)
        {
            Emit(run);
            Picture?.Write(run.Draw());
        }

        if (runs.Length == 1)
        {
            new StepReport(output).Write(runs[0]);
        }
        else
        {
            new ComparisonReport(output).Write(ScenarioComparison.Of(runs));
        }
    }

    private void Emit(ScenarioRun run)
    {
        if (EmitFolder is null)
        {
            return;
        }

        try
        {
            string folder = Path.Combine(EmitFolder, run.Profile.Name, Path.GetFileName(run.Topology.Name));
            Directory.CreateDirectory(folder);
            using StreamWriter text = new(Path.Combine(folder, $"{run.Scenario.Name}.jsonl"));
            run.Recording.Write(text, run.Recording.Events);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(problem.Message);
        }
    }
}
