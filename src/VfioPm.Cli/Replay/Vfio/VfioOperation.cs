using System.Text.Json.Nodes;

namespace VfioPm.Cli;

/// <summary>An operation of the recorder: which fields of its event are answers, and how the model gives them.</summary>
/// <param name="Answers">The names of the fields that the kernel filled.</param>
/// <param name="Perform">Does it, and returns those of them that apply.</param>
internal sealed record VfioOperation(string[] Answers, Func<VfioMachine, JsonObject, JsonObject> Perform)
{
    /// <summary>The event with the model's answers in place of the recorded ones.</summary>
    public JsonObject Play(VfioMachine machine, JsonObject recorded)
    {
        JsonObject answers = Perform(machine, recorded);
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
}
