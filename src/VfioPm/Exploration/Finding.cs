namespace VfioPm;

/// <summary>A rule that was broken.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="How">What was seen.</param>
/// <param name="Schedule">Who did what in which order.</param>
internal sealed record Finding(Rule Rule, string How, Schedule Schedule);
