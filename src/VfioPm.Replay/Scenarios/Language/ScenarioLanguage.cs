using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>Reads lines of scenarios.</summary>
/// <param name="functions">What functions may be called.</param>
internal sealed class ScenarioLanguage(IReadOnlyCollection<string> functions)
{
    /// <summary>The operations of a line: one, several where it stands for those, none on an empty line or a comment.</summary>
    /// <param name="path">What to call the file in messages.</param>
    /// <param name="line">The number of the line.</param>
    /// <param name="text">The line.</param>
    /// <exception cref="ScenarioException">There is a mistake in it.</exception>
    public IReadOnlyList<ScenarioStep> Read(string path, int line, string text)
    {
        Words words = new(path, line, text);
        if (words.Next is not { } first || first.Text.StartsWith('#'))
        {
            return [];
        }

        return words.TryTake(ParallelStep.Name)
            ? [new ParallelStep(line, text.Trim(), ReadThreads(line, text, words))]
            : ReadOperation(line, text, words);
    }

    /// <summary>The line that asks for an event; its answers do not matter.</summary>
    /// <param name="asked">The event.</param>
    /// <param name="nameOf">What the function at an address is called.</param>
    /// <exception cref="RecordingException">There is no such operation.</exception>
    public static string Write(JsonObject asked, Func<string, string> nameOf)
    {
        string operation = asked.Required<string>("op");
        if (operation == ParallelStep.Name)
        {
            return string.Join(' ', asked.RequiredList("threads").OfType<JsonArray>()
                .Select(thread => $"{{ {string.Join(" ; ", thread.OfType<JsonObject>().Select(call => Write(call, nameOf)))} }}")
                .Prepend(operation));
        }

        string? function = asked.Optional<string>("bdf") is { } address ? nameOf(address) : null;
        return LineForms.All.TryGetValue(operation, out LineForm? form)
            ? string.Join(' ', ((string?[])[operation, function]).OfType<string>().Concat(form.Write(asked)))
            : throw new RecordingException($"there is no operation \"{operation}\"");
    }

    private IReadOnlyList<ScenarioStep> ReadOperation(int line, string text, Words words)
    {
        string operation = words.OneOf(words.Take("an operation"), LineForms.All.Keys.Append(ParallelStep.Name));
        LineForm form = LineForms.All[operation];
        string? function = form.HasFunction ? Function(words) : null;
        IReadOnlyList<StepField> fields = form.Read(words);
        return form.Split is null
            ? [new ScenarioStep(line, text.Trim(), operation, form, function, fields)]
            : [.. form.Split(fields).Select(each => new ScenarioStep(line, text.Trim(), each.Operation, form, function, each.Fields))];
    }

    /// <summary>Threads in braces, each of operations with semicolons between them.</summary>
    private List<IReadOnlyList<ScenarioStep>> ReadThreads(int line, string text, Words words)
    {
        List<IReadOnlyList<ScenarioStep>> threads = [];
        do
        {
            words.Expect("{");
            List<ScenarioStep> steps = [];
            do
            {
                steps.AddRange(ReadOperation(line, text, words.TakeUntil(";", "}")));
            }
            while (words.TryTake(";"));

            words.Expect("}");
            threads.Add(steps);
        }
        while (!words.IsAtEnd);

        return threads;
    }

    private string Function(Words words)
    {
        string expected = $"a function: {string.Join(", ", functions)}, or an address";
        Word word = words.Take(expected);
        return functions.Contains(word.Text) || IsAddress(word.Text) ? word.Text : throw words.Expected(expected, word);
    }

    private static bool IsAddress(string text)
    {
        try
        {
            _ = PciAddress.Parse(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
