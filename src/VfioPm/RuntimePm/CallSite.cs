namespace VfioPm;

/// <summary>Where in a test's code a call is.</summary>
internal readonly record struct CallSite
{
    private readonly string _file;
    private readonly int _line;

    /// <param name="file">The source file, as the compiler was told of it.</param>
    /// <param name="line">The line.</param>
    public CallSite(string file, int line)
    {
        ArgumentNullException.ThrowIfNull(file);
        _file = file;
        _line = line;
    }

    /// <summary>"PowerTests.cs:42".</summary>
    public override string ToString() => $"{Path.GetFileName(_file)}:{_line}";
}
