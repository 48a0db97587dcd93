using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// A host on which operations of the scenario language are done one by one, whoever else uses it: an administrator's
/// console. Each gives an event of the format <c>vfio-pm-trace/1</c>.
/// </summary>
public sealed class ScenarioHost
{
    private readonly VfioMachine _machine;
    private readonly ScenarioLanguage _language;
    private int _events;
    private long _traced;

    /// <summary>Makes a console for a host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="functions">The addresses of its functions by what lines call them: "ep" for "0000:01:00.0".</param>
    public ScenarioHost(SimulatedHost host, IReadOnlyDictionary<string, string> functions)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(functions);
        _machine = new VfioMachine(host, functions);
        _language = new ScenarioLanguage([.. functions.Keys]);
        _traced = host.Trace.Recorded;
    }

    internal ScenarioHost(VfioMachine machine)
    {
        _machine = machine;
        _language = new ScenarioLanguage(machine.Names);
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">What it says.</param>
    /// <param name="number">Its number, for messages.</param>
    /// <returns>The operations: one, several for a <c>cfg_sweep</c>, none for an empty line.</returns>
    /// <exception cref="ScenarioException">There is a mistake in it; the message names line and column.</exception>
    public IReadOnlyList<ScenarioStep> Read(string line, int number = 1)
    {
        ArgumentNullException.ThrowIfNull(line);
        return _language.Read("line", number, line);
    }

    /// <summary>
    /// Does an operation. The event has what was asked for and answered, the state of every function, and the lines of
    /// the runtime-PM trace since the event before. Only a <c>sleep</c> lets time pass that the operation itself does not
    /// take.
    /// </summary>
    /// <returns>The event; or none and why, where the operation cannot be tried: on a device that is not open, say.</returns>
    public ScenarioResult Do(ScenarioStep step) => Do(step, _machine.Host.Clock.Advance);

    /// <summary>Makes an event of what somebody else did on the host.</summary>
    /// <param name="asked">What was done, as the format writes it: <c>op</c>, <c>bdf</c>, its arguments.</param>
    /// <param name="perform">Does it, and gives the answers: <c>ret</c>, <c>data</c>.</param>
    public JsonObject Record(JsonObject asked, Func<JsonObject> perform)
    {
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(perform);
        JsonObject happened = Begin(asked, isTimed: false);
        foreach ((string field, JsonNode? value) in perform())
        {
            happened[field] = value?.DeepClone();
        }

        return End(happened);
    }

    /// <summary>The same, and lets time pass as somebody waits who looks only after that.</summary>
    /// <param name="step">The operation.</param>
    /// <param name="wait">Waits, at least for the time that the operation itself is to do nothing.</param>
    internal ScenarioResult Do(ScenarioStep step, Action<TimeSpan> wait)
    {
        ArgumentNullException.ThrowIfNull(step);
        (JsonObject? asked, string? obstacle) = step.On(_machine);
        if (asked is null)
        {
            return new ScenarioResult(null, obstacle);
        }

        VfioOperation operation = VfioOperations.Of(asked);
        JsonObject begun = Begin(asked, operation.IsCall);
        JsonObject answered = operation.Play(_machine, begun).ToJson();
        wait(step.Pause);
        return new ScenarioResult(End(answered), null);
    }

    private JsonObject Begin(JsonObject asked, bool isTimed)
    {
        JsonObject begun = new() { ["i"] = _events++, ["t0"] = _machine.Milliseconds, ["t1"] = 0 };
        if (isTimed)
        {
            begun[VfioOperation.Took] = 0;
        }

        foreach ((string field, JsonNode? value) in asked)
        {
            begun[field] = value?.DeepClone();
        }

        return begun;
    }

    private JsonObject End(JsonObject answered)
    {
        JsonObject observed = _machine.Observe(answered, _traced);
        _traced = _machine.Host.Trace.Recorded;
        return observed;
    }
}
