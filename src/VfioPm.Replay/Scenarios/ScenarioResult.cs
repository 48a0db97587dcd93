using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>What came of a step of a scenario.</summary>
/// <param name="Event">The event in the format of recordings, or null if the operation could not be tried.</param>
/// <param name="Obstacle">Why it could not, or null.</param>
public sealed record ScenarioResult(JsonObject? Event, string? Obstacle);
