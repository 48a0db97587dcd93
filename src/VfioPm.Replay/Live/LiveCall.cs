using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>A call that somebody has begun on a host and that has not been written down.</summary>
/// <param name="Thread">Who makes it.</param>
/// <param name="Asked">What was asked for, as the format writes it.</param>
/// <param name="Began">When.</param>
/// <param name="Begun">The call, and what it answers.</param>
internal sealed record LiveCall(LiveThread Thread, JsonObject Asked, TimeSpan Began, BegunCall Begun)
{
    public bool HasReturned => Begun.Call.IsCompleted;

    /// <summary>What was asked and answered.</summary>
    /// <param name="took">How long it took, or null where nobody looked when it returned.</param>
    public JsonObject Describe(TimeSpan? took)
    {
        JsonObject described = [];
        if (took is { } time)
        {
            described[VfioOperation.Took] = VfioOperation.Milliseconds(time);
        }

        return VfioOperations.Of(Asked).Fill(described, Asked, Begun.Answer(Begun.Call.Result!.Value));
    }
}
