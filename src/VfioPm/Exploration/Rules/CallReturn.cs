namespace VfioPm;

/// <summary>A call of an actor that is over.</summary>
/// <param name="Step">What it was.</param>
/// <param name="Result">What it returned.</param>
/// <param name="Before">What users saw when it began, of devices to which nobody else did anything since.</param>
internal sealed record CallReturn(string Step, KernelResult Result, UsersView Before);
