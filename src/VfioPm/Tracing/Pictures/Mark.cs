namespace VfioPm;

/// <summary>What somebody did to a device, as a picture shows it: a moment, not a stretch of time.</summary>
/// <param name="Time">When, since boot.</param>
/// <param name="What">In a few words: "opened".</param>
/// <param name="Cause">What it was part of, if of anything: a guest's request is part of an access.</param>
public sealed record Mark(TimeSpan Time, string What, Cause? Cause);
