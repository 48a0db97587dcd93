using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>A field of the event that a line asks for.</summary>
/// <param name="Name">Its name in the event: "off".</param>
/// <param name="In">Its value on a function, or null where the function has no such thing.</param>
/// <param name="Always">The same, where it is one on every function.</param>
internal sealed record StepField(string Name, Func<PciFunction?, JsonNode?> In, JsonNode? Always = null)
{
    /// <summary>A field of the same value on every function.</summary>
    public static StepField Of(string name, JsonNode value) => new(name, _ => value.DeepClone(), value);
}
