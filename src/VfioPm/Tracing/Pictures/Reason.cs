namespace VfioPm;

/// <summary>Why a device was as it was for a stretch of time, in the words of a failed check.</summary>
/// <param name="Begin">From when, since boot.</param>
/// <param name="End">Until when.</param>
/// <param name="Text">A title without indentation and a reason a line below it; empty where nothing is to be explained.</param>
public sealed record Reason(TimeSpan Begin, TimeSpan End, string Text);
