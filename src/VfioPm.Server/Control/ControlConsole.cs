using System.Globalization;
using System.Text.Json.Nodes;

namespace VfioPm.Server;

/// <summary>
/// The administrator of a server's host: does a line of the scenario language, or of the few that a server adds, and gives
/// an event of the recordings' format for each operation.
/// </summary>
internal sealed class ControlConsole
{
    private readonly ServedMachine _machine;
    private readonly ScenarioHost _host;

    public ControlConsole(ServedMachine machine)
    {
        _machine = machine;
        _host = new ScenarioHost(machine.Host, machine.Names);
    }

    /// <summary>Does what a line says, while its time passes.</summary>
    /// <returns>An event for each operation; or what is wrong with the line, as <c>error</c>.</returns>
    public async Task<IReadOnlyList<JsonObject>> Do(string line, CancellationToken stop)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words switch
        {
            // A client's kernel keeps the vectors of a bare function, and the function knows none.
            ["irq", ServedMachine.FunctionName, "msi" or "msix", { } text]
                when _machine.Messages is { } messages && IsNumber(text, out uint vector) => [Send(messages, words[2], vector)],
            ["remove", ServedMachine.FunctionName] => [Remove()],
            _ => await DoScenario(line, stop),
        };
    }

    private static JsonObject Error(string message) => new() { ["error"] = message };

    private static bool IsNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < 2048;

    private JsonObject Send(SiliconInterrupts messages, string kind, uint vector) => Record(
        new JsonObject { ["op"] = "irq", ["bdf"] = _machine.Function.Name, ["kind"] = kind, ["vector"] = vector },
        () => new JsonObject
        {
            ["ret"] = 0,
            ["sent"] = messages.Raise(kind == "msi" ? VfioIrqIndex.Msi : VfioIrqIndex.MsiX, vector),
        });

    private JsonObject Remove() => Record(
        new JsonObject { ["op"] = "remove", ["bdf"] = _machine.Function.Name },
        () => new JsonObject { ["ret"] = _machine.Remove() });

    /// <summary>Something that a server adds to the language.</summary>
    private JsonObject Record(JsonObject asked, Func<JsonObject> perform)
    {
        JsonObject happened = [];
        _machine.Time.Do(() => happened = _host.Record(asked, perform));
        return happened;
    }

    private async Task<IReadOnlyList<JsonObject>> DoScenario(string line, CancellationToken stop)
    {
        IReadOnlyList<ScenarioStep> steps;
        try
        {
            steps = _host.Read(line);
        }
        catch (ScenarioException problem)
        {
            return [Error(problem.Message)];
        }

        List<JsonObject> events = [];
        foreach (ScenarioStep step in steps)
        {
            events.Add(await DoStep(step, stop));
        }

        return events;
    }

    /// <summary>The host's time may run ahead for the time of an operation; then the answer waits for the wall.</summary>
    private async Task<JsonObject> DoStep(ScenarioStep step, CancellationToken stop)
    {
        if (step.Pause > TimeSpan.Zero)
        {
            await _machine.Time.Pass(step.Pause, stop);
            return Record(
                new JsonObject { ["op"] = "sleep", ["ms"] = (long)step.Pause.TotalMilliseconds },
                static () => new JsonObject { ["ret"] = 0 });
        }

        ScenarioResult result = new(null, null);
        try
        {
            _machine.Time.Do(() => _machine.Recording.Do(
                HostRecording.Who.Administrator, () => (result = _host.Do(step)).Event));
        }
        catch (RecordingException problem)
        {
            return Error(problem.Message);
        }

        await _machine.Time.WaitForWall(stop);
        return result.Event ?? Error(result.Obstacle!);
    }
}
