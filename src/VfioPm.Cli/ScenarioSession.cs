namespace VfioPm.Cli;

/// <summary>Plays scenarios one after the other and tells of each.</summary>
/// <param name="output">Where it is told.</param>
/// <param name="error">Where what cannot be played is told.</param>
internal sealed class ScenarioSession(TextWriter output, TextWriter error)
{
    // One on which the function and its port reach D3cold.
    private const string UsualTopology = "b";

    private readonly Problems _problems = new(error, "vfio-pm: ");
    private string _separator = "";

    /// <summary>The kernels.</summary>
    public required IReadOnlyList<KernelProfile> Profiles { get; init; }

    /// <summary>The machine; null for the one that each scenario is meant for.</summary>
    public ScenarioTopology? Topology { get; init; }

    /// <summary>Where recordings are written, if anywhere.</summary>
    public string? EmitFolder { get; init; }

    /// <summary>What is drawn, if anything.</summary>
    public PictureFile? Picture { get; init; }

    /// <summary>Plays files and folders.</summary>
    /// <returns>0, or 2 if something could not be played.</returns>
    /// <exception cref="BadInputException">One picture cannot show it, or a file cannot be written.</exception>
    public int Run(IEnumerable<string> paths)
    {
        List<ScenarioFile> files = [];
        foreach (string path in paths)
        {
            _problems.OrTell(() => files.AddRange(ScenarioFile.Find(path)));
        }

        OutputFiles written = new(files.Select(static file => file.Path));
        if (Picture is null)
        {
            foreach ((Scenario scenario, ScenarioTopology? recorded) in Read(files))
            {
                Run(scenario, recorded, written);
            }
        }
        else
        {
            Draw([.. Read(files).Take(2)], Picture, written);
        }

        return _problems.Count > 0 ? 2 : 0;
    }

    private static string TopologyOf(Scenario scenario) =>
        scenario.Topologies is [var first, ..] && !scenario.Topologies.Contains(UsualTopology) ? first : UsualTopology;

    private void Draw((Scenario Scenario, ScenarioTopology? Recorded)[] scenarios, PictureFile picture, OutputFiles written)
    {
        if (scenarios.Length * Profiles.Count > 1)
        {
            throw new BadInputException($"{picture.Path}: a picture is made of one scenario on one kernel");
        }

        foreach ((Scenario scenario, ScenarioTopology? recorded) in scenarios)
        {
            written.Claim(picture.Path);
            Run(scenario, recorded, written);
        }
    }

    /// <summary>What can be read; the rest is told.</summary>
    private IEnumerable<(Scenario Scenario, ScenarioTopology? Recorded)> Read(List<ScenarioFile> files)
    {
        foreach (ScenarioFile file in files)
        {
            using IEnumerator<Func<(Scenario, ScenarioTopology?)>> scenarios = file.Read().GetEnumerator();
            bool isMore = true;
            while (isMore)
            {
                (Scenario, ScenarioTopology?)? read = null;
                _problems.OrTell(() =>
                {
                    isMore = false;
                    isMore = scenarios.MoveNext();
                });
                if (isMore && _problems.OrTell(() => read = scenarios.Current()))
                {
                    yield return read!.Value;
                }
            }
        }
    }

    private void Run(Scenario scenario, ScenarioTopology? recorded, OutputFiles written)
    {
        ScenarioTopology topology = Topology ?? recorded ?? ScenarioTopology.Named(TopologyOf(scenario));
        KernelProfile[] profiles = [.. Profiles.Where(profile => scenario.IsFor(profile, topology))];
        if (profiles.Length == 0)
        {
            Separate();
            output.WriteLine($"{scenario.Name}: not for {string.Join(", ", Profiles)} on {topology.Name}, says its head");
            return;
        }

        ScenarioRun[] runs = [];
        bool isPlayed = _problems.OrTell(() =>
        {
            runs = [.. profiles.Select(profile => ScenarioRun.Play(scenario, profile, topology))];
            foreach (ScenarioRun run in runs)
            {
                Emit(run, written);
                Picture?.Write(run.Draw());
            }
        });
        if (!isPlayed)
        {
            return;
        }

        Separate();
        if (runs.Length == 1)
        {
            new StepReport(output).Write(runs[0]);
        }
        else
        {
            new ComparisonReport(output).Write(ScenarioComparison.Of(runs));
        }
    }

    private void Separate()
    {
        output.Write(_separator);
        _separator = Environment.NewLine;
    }

    private void Emit(ScenarioRun run, OutputFiles written)
    {
        if (EmitFolder is null)
        {
            return;
        }

        // A name comes out of the file and might lead out of the folder.
        string name = run.Scenario.Name;
        if (name != Path.GetFileName(name) || name is "." or ".." || name.Contains('\0', StringComparison.Ordinal))
        {
            throw new BadInputException($"{name}: the scenario's name is none for a file, so it cannot be emitted");
        }

        using StreamWriter text = new(written.Create(
            EmitFolder, Path.Combine(run.Profile.Name, Path.GetFileName(run.Topology.Name), $"{name}.jsonl")));
        run.Recording.Write(text, run.Recording.Events);
    }
}
