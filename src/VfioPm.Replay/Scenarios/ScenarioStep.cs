using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>One operation of a scenario: what is asked for, on whatever machine.</summary>
public sealed class ScenarioStep
{
    private readonly LineForm _form;
    private readonly string? _function;
    private readonly IReadOnlyList<StepField> _fields;

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
    internal (JsonObject? Asked, string? Obstacle) On(VfioMachine machine)
    {
        JsonObject asked = new() { ["op"] = Operation };
        PciDevice? function = null;
        if (_function is not null)
        {
            if (machine.AddressOf(_function) is not { } address)
            {
                return (null, $"there is no {_function}");
            }

            asked["bdf"] = address;
            function = machine.Find(address);
        }

        foreach (StepField field in _fields)
        {
            if (field.In(function?.Hardware) is not { } value)
            {
                return (null, $"{_function} has no such {(field.Name == "bar" ? "BAR" : "capability")}");
            }

            asked[field.Name] = value;
        }

        // Read back: then a number is a number, as in a recording, whatever type it had.
        JsonObject said = JsonNode.Parse(asked.ToJsonString())!.AsObject();
        string? obstacle = _form.Obstacle(machine, said);
        _form.Complete(said);
        said = JsonNode.Parse(said.ToJsonString())!.AsObject();
        obstacle ??= VfioOperations.Of(said).Obstacle(machine, said);
        return obstacle is null ? (said, null) : (null, obstacle);
    }
}
