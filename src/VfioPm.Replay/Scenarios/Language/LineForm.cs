using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>How the line of an operation looks: a function, arguments in order, then options in any order.</summary>
/// <param name="Arguments">The arguments behind the function.</param>
internal sealed record LineForm(params Argument[] Arguments)
{
    /// <summary>Whether it names a function; what only lets time pass does not.</summary>
    public bool HasFunction { get; init; } = true;

    /// <summary>What may stand behind the arguments.</summary>
    public Option[] Options { get; init; } = [];

    /// <summary>What is in the way of this line, though not of the operation, or null.</summary>
    public Func<VfioMachine, JsonObject, string?> Obstacle { get; init; } = static (_, _) => null;

    /// <summary>The operations that one line stands for, where it is not the one of its name.</summary>
    public Func<IReadOnlyList<StepField>, IEnumerable<(string Operation, IReadOnlyList<StepField> Fields)>>? Split { get; init; }

    /// <summary>Adds the fields that follow from those that were said.</summary>
    public Action<JsonObject> Complete { get; init; } = static _ => { };

    /// <summary>How a reader is told what to write.</summary>
    public string Shape => string.Join(' ', ((string[])(HasFunction ? ["FUNCTION"] : []))
        .Concat(Arguments.Select(static argument => argument.Shape))
        .Concat(Options.Select(static option => option.Shape)));

    /// <summary>The fields that the rest of a line says.</summary>
    /// <exception cref="ScenarioException">It says something else.</exception>
    public IReadOnlyList<StepField> Read(Words words)
    {
        List<StepField> fields = [.. Arguments.SelectMany(argument => argument.Read(words))];
        while (words.Next is { Key: not null } && Options.Length > 0)
        {
            fields.Add(ReadOption(words));
        }

        words.End();
        return fields;
    }

    /// <summary>What is behind the function on a line that asks for an event; options only where they say something else.</summary>
    /// <param name="asked">The event; its answers do not matter.</param>
    public IEnumerable<string> Write(JsonObject asked) => Arguments
        .Select(argument => argument.Write(asked))
        .Concat(Options
            .Where(option => option.Write(asked) is not null && !IsImplied(option, asked))
            .Select(option => $"{option.Key}={option.Write(asked)}"))
        .Where(static words => words.Length > 0);

    private bool IsImplied(Option option, JsonObject asked)
    {
        var without = (JsonObject)asked.DeepClone();
        without.Remove(option.Field);
        Complete(without);
        return option.Write(without) == option.Write(asked);
    }

    private StepField ReadOption(Words words)
    {
        Word word = words.Take("an option");
        Option option = Options.FirstOrDefault(known => known.Key == word.Key)
            ?? throw words.Expected($"one of {string.Join(", ", Options.Select(static known => $"{known.Key}="))}", word);
        return StepField.Of(option.Field, option.Read(words, word.Value));
    }
}
