namespace VfioPm;

/// <summary>A call of an actor that is over.</summary>
/// <param name="Actor">Who made it.</param>
/// <param name="Step">What it was.</param>
/// <param name="Result">What it returned, or null where the actor made it to its end himself.</param>
/// <param name="Before">What users saw when it began; null where somebody else did something since.</param>
internal sealed record CallReturn(string Actor, string Step, KernelResult? Result, UsersView? Before);
