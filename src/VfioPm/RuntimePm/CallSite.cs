namespace VfioPm;

/// <summary>Where in a test's code a call is.</summary>
/// <param name="File">The source file, as the compiler was told of it.</param>
/// <param name="Line">The line.</param>
internal readonly record struct CallSite(string File, int Line)
{
    /// <summary>"PowerTests.cs:42".</summary>
    public override string ToString() => $"{Path.GetFileName(File)}:{Line}";
}
