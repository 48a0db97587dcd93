namespace VfioPm.Cli;

/// <summary>On a terminal a line on the standard error says how far something is, as long as it takes.</summary>
/// <param name="error">Where it is said, if that is a terminal.</param>
internal sealed class ProgressLine(TextWriter error)
{
    private readonly TextWriter? _terminal = error == Console.Error && !Console.IsErrorRedirected ? error : null;
    private int _length;

    /// <summary>Says it in place of what was said before.</summary>
    public void Say(string text)
    {
        _terminal?.Write($"\r{text.PadRight(_length)}");
        _length = text.Length;
    }

    /// <summary>Makes room for what is printed for good.</summary>
    public void Clear()
    {
        if (_length > 0)
        {
            Say("");
            _terminal?.Write('\r');
        }
    }
}
