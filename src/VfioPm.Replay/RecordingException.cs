namespace VfioPm;

/// <summary>What cannot be read as a recording, or makes no sense as one; the message names the place.</summary>
public sealed class RecordingException : Exception
{
    internal RecordingException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>The same, said of a place.</summary>
    internal RecordingException At(string path, int line) => new($"{path}:{line}: {Message.ReplaceLineEndings(" ")}", this);
}
