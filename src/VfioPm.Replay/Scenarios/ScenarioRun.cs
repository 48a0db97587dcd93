using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>A scenario, played on a machine with a kernel.</summary>
public sealed class ScenarioRun
{
    private readonly VfioMachine _machine;

    private ScenarioRun(Scenario scenario, KernelProfile profile, ScenarioTopology topology, bool keepsReasons)
    {
        Scenario = scenario;
        Profile = profile;
        Topology = topology;
        ScenarioHead head = scenario.Head with { Name = scenario.Name };
        (_machine, JsonObject header) = topology.CreateMachine(profile, head);
        DescribeState(header);
        if (keepsReasons)
        {
            _machine.KeepReasons();
        }

        ScenarioHost host = new(_machine);
        RecorderWait wait = new(head, _machine);
        Steps = [.. scenario.Steps.Select(step => (step, Play(host, step, wait)))];
        Recording = Recording.Of(scenario.Name, header, Steps.Select(static played => played.Result.Event).OfType<JsonObject>());
    }

    /// <summary>What was played.</summary>
    public Scenario Scenario { get; }

    /// <summary>The kernel.</summary>
    public KernelProfile Profile { get; }

    /// <summary>The machine.</summary>
    public ScenarioTopology Topology { get; }

    /// <summary>Each operation with what came of it.</summary>
    public IReadOnlyList<(ScenarioStep Step, ScenarioResult Result)> Steps { get; }

    /// <summary>The same as a recording, as the recorder of a real kernel writes it.</summary>
    public Recording Recording { get; }

    /// <summary>Plays a scenario.</summary>
    /// <param name="scenario">What is done.</param>
    /// <param name="profile">The kernel.</param>
    /// <param name="topology">The machine.</param>
    /// <exception cref="ScenarioException">An operation makes no sense; the message names its line.</exception>
    /// <exception cref="RecordingException">The machine is that of a recording, which describes none.</exception>
    public static ScenarioRun Play(Scenario scenario, KernelProfile profile, ScenarioTopology topology)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(topology);
        return new ScenarioRun(scenario, profile, topology, keepsReasons: false);
    }

    /// <summary>What happened, as a picture that knows why: it is played once more for that.</summary>
    public Picture Draw() =>
        new ScenarioRun(Scenario, Profile, Topology, keepsReasons: true)._machine.Draw($"{Scenario.Name} on {Profile}");

    private ScenarioResult Play(ScenarioHost host, ScenarioStep step, RecorderWait wait)
    {
        try
        {
            ScenarioResult result = host.Do(step, wait.Wait);
            if (result.Event is not null)
            {
                wait.WriteDown();
            }

            return result;
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            // What the model cannot play must not end the run of other scenarios.
            throw new ScenarioException(Scenario.Place, step.Line, column: 1, problem.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>What the recorder says of each function before it begins.</summary>
    private void DescribeState(JsonObject header)
    {
        JsonObject state = _machine.State();
        foreach (JsonObject function in header.RequiredList("functions").OfType<JsonObject>())
        {
            if (state[function.Required<string>("bdf")] is { } found)
            {
                function["state"] = found.DeepClone();
            }
        }
    }
}
