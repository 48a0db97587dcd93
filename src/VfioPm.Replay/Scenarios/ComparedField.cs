namespace VfioPm;

/// <summary>A field of an event that not all kernels fill alike.</summary>
/// <param name="Field">What it is: <c>ret</c>, <c>data</c>, or of the state of a function "ep.usage".</param>
/// <param name="Values">What each says; empty where it has no such field.</param>
public sealed record ComparedField(string Field, IReadOnlyList<string> Values);
