namespace VfioPm;

/// <summary>A step of the story that a picture tells: a choice of a counterexample's schedule.</summary>
/// <param name="What">What was chosen: "guest: writes D3hot".</param>
/// <param name="Begin">When, since boot.</param>
/// <param name="End">When all that it brought about had happened.</param>
/// <param name="Told">What it brought about, and how everybody sees things afterwards, in lines.</param>
public sealed record PictureStep(string What, TimeSpan Begin, TimeSpan End, string Told);
