using VfioPm.Cli;

namespace VfioPm.Tests;

/// <summary>The first event of a recording that the model answers otherwise than the kernel did.</summary>
/// <param name="Recording">Where it is: "rfc-v1/b/open-close".</param>
/// <param name="First">The event as recorded and as played.</param>
internal sealed record Divergence(string Recording, ReplayedEvent First)
{
    /// <summary>The recording, the event's number and the first field that differs.</summary>
    public string Place => $"{Recording} {First.Recorded["i"]} {First.Differences[0].Field}";

    /// <inheritdoc/>
    public override string ToString() => $"{Place}\n  {First.Title}\n  {string.Join("\n  ", First.Differences)}";
}
