using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary>The first event of a recording that the model answers otherwise than the kernel did.</summary>
/// <param name="Recording">Where it is: "rfc-v1/b/open-close".</param>
/// <param name="First">The event as recorded and as played.</param>
internal sealed record Divergence(string Recording, ReplayedEvent First)
{
    /// <summary>
    /// The recording, the event's number and the first field that differs; <c>rpm-order</c> where nothing does but in
    /// which order the trace has the lines of different functions.
    /// </summary>
    public string Place => $"{Recording} {First.Recorded["i"]} {(IsOrderOfFunctions ? "rpm-order" : FirstField)}";

    private string FirstField => First.Differences[0].Field;

    private bool IsOrderOfFunctions =>
        First.Differences.Count == 1
        && FirstField == "rpm"
        && LinesByFunction(First.Recorded).SequenceEqual(LinesByFunction(First.Played));

    /// <inheritdoc/>
    public override string ToString() => $"{Place}\n  {First.Title}\n  {string.Join("\n  ", First.Differences)}";

    /// <summary>The lines of the trace, those of each function together and in their order.</summary>
    private static IEnumerable<string> LinesByFunction(JsonObject played) => played["rpm"]!.AsArray()
        .Select(static line => (string)line!)
        .OrderBy(static line => line.Split(' ')[1], StringComparer.Ordinal);
}
