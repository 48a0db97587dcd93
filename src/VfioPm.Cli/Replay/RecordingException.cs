namespace VfioPm.Cli;

/// <summary>A file that cannot be read as a recording.</summary>
internal sealed class RecordingException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The same, said of a place.</summary>
    public RecordingException At(string path, int line) => new($"{path}:{line}: {Message}", this);
}
