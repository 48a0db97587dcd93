using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>One operation of a scenario: what is asked for, on whatever machine.</summary>
public class ScenarioStep
{
    private readonly LineForm _form;
    private readonly string? _function;
    private readonly IReadOnlyList<StepField> _fields;

    private protected ScenarioStep(int line, string text, string operation)
        : this(line, text, operation, new LineForm(), function: null, fields: [])
    {
    }

    internal ScenarioStep(int line, string text, string operation, LineForm form, string? function, IReadOnlyList<StepField> fields)
    {
        Line = line;
        Text = text;
        Operation = operation;
        _form = form;
        _function = function;
        _fields = fields;
    }

    /// <summary>The line that says it, from 1.</summary>
    public int Line { get; }

    /// <summary>What the line says.</summary>
    public string Text { get; }

    /// <summary>Its name: "cfg_read".</summary>
    public string Operation { get; }

    /// <summary>
    /// How long it does nothing, before whatever is waited after every operation; zero for all but <c>sleep</c>.
    /// </summary>
    public TimeSpan Pause => Operation == "sleep"
        ? TimeSpan.FromMilliseconds(_fields[0].In(null)!.GetValue<long>())
        : TimeSpan.Zero;

    /// <summary>The event without answers, or why there is none on this machine.</summary>
    internal virtual (JsonObject? Asked, string? Obstacle) On(VfioMachine machine)
    {
        string? address = _function is null ? null : machine.AddressOf(_function);
        if (_function is not null && address is null)
        {
            return (null, $"there is no {_function}");
        }

        PciDevice? function = address is null ? null : machine.Find(address);
        (JsonObject? said, string? obstacle) = Say(function?.Hardware, address);
        obstacle ??= _form.Obstacle(machine, said!);
        if (obstacle is not null)
        {
            return (null, obstacle);
        }

        JsonObject asked = Complete(said!);
        obstacle = VfioOperations.Of(asked).FindObstacle(machine, asked);
        return obstacle is null ? (asked, null) : (null, obstacle);
    }

    /// <summary>The event of a line that would have been said so, whatever is in its way.</summary>
    internal (JsonObject? Asked, string? Obstacle) Ask(PciFunction? function, string? address)
    {
        (JsonObject? said, string? obstacle) = Say(function, address);
        return (said is null ? null : Complete(said), obstacle);
    }

    /// <summary>The event of a line that is said to a machine, whatever is in its way now; null where it makes no sense there.</summary>
    internal JsonObject? Ask(VfioMachine machine)
    {
        string? address = _function is null ? null : machine.AddressOf(_function);
        return _function is not null && address is null
            ? null
            : Ask(address is null ? null : machine.Find(address)?.Hardware, address).Asked;
    }

    private (JsonObject? Said, string? Obstacle) Say(PciFunction? function, string? address)
    {
        JsonObject said = new() { ["op"] = Operation };
        if (address is not null)
        {
            said["bdf"] = address;
        }

        foreach (StepField field in _fields)
        {
            if (field.In(function) is not { } value)
            {
                return (null, $"{_function} has no such {(field.Name == "bar" ? "BAR" : "capability")}");
            }

            said[field.Name] = value;
        }

        return (AsRead(said), null);
    }

    private JsonObject Complete(JsonObject said)
    {
        _form.Complete(said);
        return AsRead(said);
    }

    /// <summary>Written and read back: then a number is a number, as in a recording, whatever type it had.</summary>
    private static JsonObject AsRead(JsonObject said) => JsonNode.Parse(said.ToJsonString())!.AsObject();
}
