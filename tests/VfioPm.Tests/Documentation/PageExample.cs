namespace VfioPm.Tests;

/// <summary>What can be run of a page: a program of statements, or a method with <c>[Fact]</c>.</summary>
/// <param name="Line">Where it begins.</param>
/// <param name="Title">The heading above the program, or the method's name.</param>
/// <param name="Type">The class that has the method.</param>
/// <param name="Method">What to call.</param>
internal sealed record PageExample(int Line, string Title, string Type, string Method)
{
    private readonly List<string> _shown = [];

    public string Name => $"line {Line}: {Title}";

    /// <summary>What the page says that it prints or fails with; null if the page says nothing.</summary>
    public string? Shown => _shown.Count == 0 ? null : string.Join('\n', _shown);

    public void Show(string text) => _shown.Add(text);
}
