using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>What a recorder sees when it looks at a machine.</summary>
/// <param name="machine">The machine.</param>
/// <param name="lines">The lines of the trace since it looked last.</param>
internal sealed class Observation(VfioMachine machine, IReadOnlyList<string> lines)
{
    private readonly long _milliseconds = machine.Milliseconds;
    private readonly IReadOnlyList<(string Function, FunctionState State)> _states = machine.States();

    /// <summary>Completes an event with it, as the recorder does.</summary>
    public JsonObject AddTo(JsonObject answered)
    {
        answered["t1"] = _milliseconds;
        answered["state"] = FunctionState.ToJson(_states);
        answered["rpm"] = new JsonArray([.. lines.Select(static line => JsonValue.Create(line))]);
        return answered;
    }

    /// <summary>Whether a recorder wrote just these states.</summary>
    public bool HasStates(JsonNode? recorded)
    {
        if (recorded is not JsonObject states || states.Count != _states.Count)
        {
            return false;
        }

        foreach ((string function, FunctionState state) in _states)
        {
            if (!state.Is(states[function]))
            {
                return false;
            }
        }

        return true;
    }
}
