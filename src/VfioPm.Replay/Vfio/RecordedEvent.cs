using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>An event as it was recorded, read once for all that is tried to explain it.</summary>
internal sealed class RecordedEvent
{
    private const int LongestLine = 256;

    /// <exception cref="RecordingException">It does not say what was done, or when.</exception>
    public RecordedEvent(JsonObject json, JsonObject header)
    {
        Json = json;
        Start = Milliseconds("t0");
        End = Milliseconds("t1");
        Operation = VfioOperations.Of(json);
        Lines = json["rpm"] is JsonArray lines ? [.. lines.Select(static line => (string)line!)] : [];
        Time = new CallTime(this, header);
    }

    /// <summary>The event as the recorder wrote it.</summary>
    public JsonObject Json { get; }

    /// <summary>When the recorder began with it.</summary>
    public TimeSpan Start { get; }

    /// <summary>When it looked what came of it.</summary>
    public TimeSpan End { get; }

    /// <summary>What was done.</summary>
    public VfioOperation Operation { get; }

    /// <summary>When its call was begun.</summary>
    public CallTime Time { get; }

    /// <summary>The lines of the trace.</summary>
    public string[] Lines { get; }

    /// <summary>How many lines of a machine's trace are those of the event, from the first on.</summary>
    /// <param name="machine">The machine, with nothing in its trace that is older.</param>
    /// <param name="areAll">Whether it has all of them, and no other.</param>
    public int CountAgreeing(VfioMachine machine, out bool areAll)
    {
        IReadOnlyList<RpmTraceEvent> lines = machine.Log.Lines;
        int agreed = 0;
        while (agreed < lines.Count && agreed < Lines.Length && Is(lines[agreed], Lines[agreed]))
        {
            agreed++;
        }

        areAll = agreed == lines.Count && agreed == Lines.Length;
        return agreed;
    }

    /// <summary>Whether the lines of the event begin with all that a machine's trace has.</summary>
    public bool IsOnTheWay(VfioMachine machine) => CountAgreeing(machine, out _) == machine.Log.Lines.Count;

    /// <summary>Plays its call on a machine, in the order of a plan and then the usual one.</summary>
    public PlayedCall Play(VfioMachine machine, IReadOnlyList<int> plan)
    {
        machine.SetTraceAside();
        machine.Follow(plan);
        return Operation.Play(machine, Json);
    }

    private static bool Is(in RpmTraceEvent line, string text)
    {
        Span<char> written = stackalloc char[LongestLine];
        return line.TryFormat(written, out int length, default, null) && text.AsSpan().SequenceEqual(written[..length]);
    }

    private TimeSpan Milliseconds(string field) => TimeSpan.FromMilliseconds(Json.Required<long>(field));
}
