using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>Several threads at once (<c>par</c>), each with operations of its own.</summary>
/// <param name="line"><see cref="ScenarioStep.Line"/>.</param>
/// <param name="text"><see cref="ScenarioStep.Text"/>.</param>
/// <param name="threads">What each does, one after the other.</param>
internal sealed class ParallelStep(int line, string text, IReadOnlyList<IReadOnlyList<ScenarioStep>> threads)
    : ScenarioStep(line, text, Name)
{
    /// <summary>The operation.</summary>
    public const string Name = "par";

    /// <summary>What cannot be tried on this machine is left out; what cannot be tried when its turn comes, then.</summary>
    internal override (JsonObject? Asked, string? Obstacle) On(VfioMachine machine) => (
        new JsonObject
        {
            ["op"] = Name,
            ["threads"] = new JsonArray([.. threads.Select(thread =>
                new JsonArray([.. thread.Select(step => step.Ask(machine)).OfType<JsonObject>()]))]),
        },
        null);
}
