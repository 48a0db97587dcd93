using System.Globalization;
using System.Text.Json.Nodes;

namespace VfioPm.Server;

/// <summary>
/// The administrator of a server's host: does a line of the scenario language, or of the few that a server adds, and gives
/// an event of the recordings' format for each operation.
/// </summary>
internal sealed class ControlConsole
{
    private const string Port = "rp";
    private const string Function = "ep";

    private readonly Lock _lock = new();
    private readonly ServedMachine _machine;
    private readonly ScenarioHost _host;

    public ControlConsole(ServedMachine machine)
    {
        _machine = machine;
        _host = new ScenarioHost(machine.Host, new Dictionary<string, string>
        {
            [Port] = machine.Port.Name,
            [Function] = machine.Function.Name,
        });
    }

    /// <summary>Does what a line says, while its time passes.</summary>
    /// <returns>An event for each operation; or what is wrong with the line, as <c>error</c>.</returns>
    public async Task<IReadOnlyList<JsonObject>> Do(string line, CancellationToken stop)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words switch
        {
            ["irq", Function, .. var which] when Interrupt(which) is { } irq =>
                [Do("irq", () => new JsonObject { ["irq"] = which[0], ["vector"] = irq.Vector, ["ret"] = Raise(irq.Index, irq.Vector) })],
            ["irq", ..] => [Error("expected irq ep intx, irq ep msi VECTOR or irq ep msix VECTOR")],
            ["pme", Function] => [Do("pme", () => new JsonObject { ["ret"] = _machine.Function.Hardware.AssertPme() ? 1 : 0 })],
            ["remove", Function] => [Do("remove", () => new JsonObject { ["ret"] = _machine.Remove() })],
            _ => await DoScenario(line, stop),
        };
    }

    private static JsonObject Error(string message) => new() { ["error"] = message };

    private static (VfioIrqIndex Index, uint Vector)? Interrupt(string[] words) => words switch
    {
        ["intx"] => (VfioIrqIndex.Intx, 0),
        ["msi", { } text] when IsNumber(text, out uint vector) => (VfioIrqIndex.Msi, vector),
        ["msix", { } text] when IsNumber(text, out uint vector) => (VfioIrqIndex.MsiX, vector),
        _ => null,
    };

    private static bool IsNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < 2048;

    /// <summary>What the function does of its own accord: 1 where somebody is told.</summary>
    private int Raise(VfioIrqIndex index, uint vector) => _machine.Device.Raise(index, vector) ? 1 : 0;

    /// <summary>Something that a server adds to the language.</summary>
    private JsonObject Do(string operation, Func<JsonObject> perform)
    {
        _machine.Time.CatchUp();
        JsonObject happened;
        lock (_lock)
        {
            happened = _host.Record(new JsonObject { ["op"] = operation, ["bdf"] = _machine.Function.Name }, perform);
        }

        _machine.Time.CatchUp();
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
            return Slept(step.Pause);
        }

        _machine.Time.CatchUp();
        ScenarioResult result;
        try
        {
            lock (_lock)
            {
                result = _host.Do(step);
            }
        }
        catch (RecordingException problem)
        {
            return Error(problem.Message);
        }

        await _machine.Time.WaitForWall(stop);
        return result.Event ?? Error(result.Obstacle!);
    }

    private JsonObject Slept(TimeSpan duration)
    {
        lock (_lock)
        {
            return _host.Record(
                new JsonObject { ["op"] = "sleep", ["ms"] = (long)duration.TotalMilliseconds },
                static () => new JsonObject { ["ret"] = 0 });
        }
    }
}
