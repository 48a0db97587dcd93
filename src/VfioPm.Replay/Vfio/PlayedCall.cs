using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>A call that a machine answered.</summary>
/// <param name="Operation">What was done.</param>
/// <param name="Asked">The event that says so.</param>
/// <param name="Answers">Those of the answers that apply.</param>
/// <param name="Took">How long the call took.</param>
/// <param name="Duration">The same, with what the recorder did behind it.</param>
internal sealed record PlayedCall(VfioOperation Operation, JsonObject Asked, JsonObject Answers, TimeSpan Took, TimeSpan Duration)
{
    /// <summary>The event with the machine's answers in place of the recorded ones.</summary>
    public JsonObject ToJson()
    {
        JsonObject played = Operation.Fill([], Asked, Answers);
        if (Asked.ContainsKey(VfioOperation.Took))
        {
            played[VfioOperation.Took] = VfioOperation.Milliseconds(Took);
        }

        return played;
    }

    /// <summary>Whether the answers are those of the event. All else in it is what was asked, or what the recorder saw behind it.</summary>
    public bool IsAsRecorded() => Asked.All(field => field.Key == VfioOperation.Took
        ? Difference.Agree(field.Key, field.Value, JsonValue.Create(VfioOperation.Milliseconds(Took)))
        : !(Operation.Answers.Contains(field.Key) || Answers.ContainsKey(field.Key))
            || Difference.Agree(field.Key, field.Value, Answers[field.Key]));
}
