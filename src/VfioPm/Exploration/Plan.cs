namespace VfioPm;

/// <summary>Who may do what, and what has to hold.</summary>
/// <param name="Actors">The actors, in the order in which they were named.</param>
/// <param name="Rules">The rules.</param>
internal sealed record Plan(IReadOnlyList<Actor> Actors, IReadOnlyList<Rule> Rules);
