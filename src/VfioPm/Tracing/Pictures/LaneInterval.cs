namespace VfioPm;

/// <summary>A stretch of time in which a lane of a picture had one value.</summary>
/// <param name="Begin">From when, since boot.</param>
/// <param name="End">Until when; the same moment only for a value that came at the picture's very end.</param>
/// <param name="Value">The count, or the number of the <see cref="PowerState"/> or <see cref="RuntimeStatus"/>.</param>
/// <param name="Cause">Why the value came, as far as the trace goes back.</param>
public readonly record struct LaneInterval(TimeSpan Begin, TimeSpan End, int Value, Cause? Cause);
