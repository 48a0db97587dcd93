namespace VfioPm.Tests;

/// <summary>Something that the source must not have.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Because">Why, or what is there in its place.</param>
/// <param name="Find">Where it is, a line each.</param>
internal sealed record Ban(string Name, string Because, Func<CodeModel, IEnumerable<string>> Find);
