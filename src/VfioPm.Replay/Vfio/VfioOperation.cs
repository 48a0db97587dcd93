using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// An operation of recordings and scenarios: which fields of its event are answers, what it cannot be tried without, and
/// how the model gives the answers.
/// </summary>
/// <param name="Answers">The names of the fields that the kernel filled.</param>
/// <param name="Obstacle">What is missing to try it (<see cref="Needs"/>), or null.</param>
/// <param name="Perform">Does it, and returns those of the answers that apply.</param>
internal sealed record VfioOperation(
    string[] Answers,
    Func<VfioMachine, JsonObject, string?> Obstacle,
    Func<VfioMachine, JsonObject, JsonObject> Perform)
{
    /// <summary>The event with the model's answers in place of the recorded ones.</summary>
    public JsonObject Play(VfioMachine machine, JsonObject recorded)
    {
        JsonObject answers = Answer(machine, recorded);
        JsonObject played = [];
        foreach ((string field, JsonNode? value) in recorded)
        {
            if (!Answers.Contains(field))
            {
                played[field] = value?.DeepClone();
            }
        }

        foreach ((string field, JsonNode? value) in answers)
        {
            played[field] = value?.DeepClone();
        }

        return played;
    }

    /// <summary>What the model cannot do at all is an answer too, and one that no kernel gives.</summary>
    private JsonObject Answer(VfioMachine machine, JsonObject recorded)
    {
        if (Obstacle(machine, recorded) is { } missing)
        {
            return new JsonObject { ["ret"] = missing };
        }

        try
        {
            return Perform(machine, recorded);
        }
        catch (InvalidOperationException impossible)
        {
            return new JsonObject { ["ret"] = impossible.Message };
        }
    }
}
