using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>An event as one machine played it, in one order of threads and timers.</summary>
internal sealed class Attempt
{
    /// <param name="ready">The machine before it.</param>
    /// <param name="ended">When the call had returned.</param>
    /// <param name="machine">The machine after it, which nobody has looked at.</param>
    /// <param name="answered">The event with the machine's answers.</param>
    /// <param name="recorded">The event as recorded.</param>
    public Attempt(VfioMachine ready, TimeSpan ended, VfioMachine machine, JsonObject answered, JsonObject recorded)
    {
        Ready = ready;
        Ended = ended;
        Machine = machine;
        Played = machine.Observe(answered);
        int fields = Difference.Between(recorded, Played).Count;
        List<string> asked = LinesOf(recorded);
        List<string> had = LinesOf(Played);
        Agreed = asked.Zip(had).TakeWhile(static pair => pair.First == pair.Second).Count();
        Distance = (fields, fields > 0 && !asked.Order().SequenceEqual(had.Order()));
    }

    /// <summary>The machine before it, which is not to be changed.</summary>
    public VfioMachine Ready { get; }

    /// <summary>When the call had returned, on that machine.</summary>
    public TimeSpan Ended { get; }

    /// <summary>The machine after it.</summary>
    public VfioMachine Machine { get; }

    /// <summary>The event as the machine played it.</summary>
    public JsonObject Played { get; }

    /// <summary>In how many fields it differs, and whether in more than the order of the trace's lines.</summary>
    public (int Fields, bool Lines) Distance { get; }

    /// <summary>How many lines of the trace are as recorded, from the first on.</summary>
    public int Agreed { get; }

    /// <summary>Whether it is what was recorded.</summary>
    public bool IsExact => Distance.Fields == 0;

    private static List<string> LinesOf(JsonObject recorded) =>
        recorded["rpm"] is JsonArray lines ? [.. lines.Select(static line => (string)line!)] : [];
}
