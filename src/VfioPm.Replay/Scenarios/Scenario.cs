using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// What somebody does with the functions of a machine, one operation a line (docs/scenarios.md has the language). Which
/// machine and which kernel is left open.
/// </summary>
public sealed class Scenario
{
    private Scenario(string place, string name, ScenarioHead head, IReadOnlyList<ScenarioStep> steps)
    {
        Place = place;
        Name = name;
        Head = head;
        Steps = steps;
    }

    /// <summary>What it is called: what its head says, or else the name of the file.</summary>
    public string Name { get; }

    /// <summary>What it shows; empty if it does not say.</summary>
    public string Description => Head.Description;

    /// <summary>The machines that it is meant for; empty for all.</summary>
    public IReadOnlyList<string> Topologies => Head.Topologies;

    /// <summary>The kernels that it is meant for; empty for all.</summary>
    public IReadOnlyList<string> Profiles => Head.Profiles;

    /// <summary>The operations, in order.</summary>
    public IReadOnlyList<ScenarioStep> Steps { get; }

    internal ScenarioHead Head { get; }

    /// <summary>Where it was read, for messages.</summary>
    internal string Place { get; }

    /// <summary>What was done in a recording of vfio-pci, without what came of it.</summary>
    /// <exception cref="RecordingException">The recording makes no sense; the message names the file and the line.</exception>
    public static Scenario Of(Recording recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        (ScenarioHead head, Dictionary<string, string> names) = recording.AtHeader(() => (
            ScenarioHead.Of(recording.Header),
            recording.Header.RequiredList("functions").OfType<JsonObject>().ToDictionary(
                static function => function.Required<string>("bdf"), static function => function.Required<string>("alias"))));
        ScenarioLanguage language = new(names.Values);
        HashSet<string> opened = [];
        List<ScenarioStep> steps = [];
        for (int i = 0; i < recording.Events.Count; i++)
        {
            JsonObject asked = recording.Events[i];
            steps.AddRange(recording.AtEvent(i, () => language.Read(recording.Place, i + 1, LineOf(asked, names, opened))));
        }

        return new Scenario(recording.Place, head.Name ?? recording.Place, head, steps);
    }

    /// <summary>Whether it is meant for a kernel on a machine.</summary>
    public bool IsFor(KernelProfile profile, ScenarioTopology topology)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(topology);
        return (Profiles.Count == 0 || Profiles.Contains(profile.Name))
            && (Topologies.Count == 0 || Topologies.Contains(topology.Name) || !ScenarioTopology.Names.Contains(topology.Name));
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ScenarioException">There is a mistake in it; the message names line and column.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static Scenario Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return Parse(path, InputFiles.ReadText(path));
        }
        catch (InvalidDataException problem)
        {
            throw new ScenarioException(path, line: 1, column: 1, problem.Message);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="path">What to call it in messages.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="ScenarioException">There is a mistake in it; the message names line and column.</exception>
    public static Scenario Parse(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(text);
        ScenarioLanguage language = new(ScenarioTopology.AllFunctions);
        ScenarioHead head = new();
        List<ScenarioStep> steps = [];
        int number = 0;
        TimeSpan pauses = TimeSpan.Zero;
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            head = head.With(path, number, line);
            IReadOnlyList<ScenarioStep> read = language.Read(path, number, line);
            steps.AddRange(read);
            pauses += read.Aggregate(TimeSpan.Zero, static (sum, step) => sum + step.Pause);
            if (steps.Count > InputLimits.Events || pauses > InputLimits.Duration)
            {
                throw new ScenarioException(path, number, column: 1, steps.Count > InputLimits.Events
                    ? $"a scenario has at most {InputLimits.Events} operations"
                    : $"a scenario sleeps for at most {InputLimits.Duration.TotalHours} hours");
            }
        }

        return new Scenario(path, head.Name ?? Path.GetFileNameWithoutExtension(path), head, steps);
    }

    private static string LineOf(JsonObject asked, Dictionary<string, string> names, HashSet<string> opened)
    {
        if (asked.Required<string>("op") == "open" && !opened.Add(asked.Optional<string>("bdf") ?? ""))
        {
            asked = (JsonObject)asked.DeepClone();
            asked["again"] = true;
        }

        return ScenarioLanguage.Write(asked, address => names.GetValueOrDefault(address, address));
    }
}
