using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>An event as a machine played it.</summary>
internal sealed class PlayedEvent
{
    private readonly RecordedEvent _recorded;
    private readonly PlayedCall _call;
    private readonly Observation _seen;
    private JsonObject? _json;
    private IReadOnlyList<Difference>? _differences;

    /// <param name="recorded">The event as it was recorded.</param>
    /// <param name="call">What the machine answered.</param>
    /// <param name="machine">The machine when the recorder looks, with nothing in its trace that is older.</param>
    public PlayedEvent(RecordedEvent recorded, PlayedCall call, VfioMachine machine)
    {
        _recorded = recorded;
        _call = call;
        Agreed = recorded.CountAgreeing(machine, out bool areAll);
        Lines = areAll ? recorded.Lines : [.. machine.Log.Lines.Select(static line => line.ToString())];
        _seen = new Observation(machine, Lines);
        _differences = areAll && IsPlainlyRecorded() ? [] : null;
    }

    /// <summary>The lines of the trace.</summary>
    public string[] Lines { get; }

    /// <summary>How many of them are as recorded, from the first on.</summary>
    public int Agreed { get; }

    /// <summary>It as the recorder would have written it.</summary>
    public JsonObject Json => _json ??= _seen.AddTo(_call.ToJson());

    /// <summary>Where it differs from what was recorded.</summary>
    public IReadOnlyList<Difference> Differences => _differences ??= Difference.Between(_recorded.Json, Json);

    /// <summary>Whether it is what was recorded.</summary>
    public bool IsExact => Differences.Count == 0;

    /// <summary>Nearly all that is what was recorded is so word by word.</summary>
    private bool IsPlainlyRecorded() =>
        _recorded.Json["rpm"] is JsonArray && _seen.HasStates(_recorded.Json["state"]) && _call.IsAsRecorded();
}
