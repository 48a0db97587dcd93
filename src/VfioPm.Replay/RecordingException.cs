namespace VfioPm;

/// <summary>What cannot be read as a recording, or makes no sense as one; the message names the place.</summary>
public sealed class RecordingException : Exception
{
    private readonly bool _hasPlace;

    internal RecordingException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    private RecordingException(string path, int line, RecordingException problem)
        : base($"{path}:{line}: {problem.Message.ReplaceLineEndings(" ")}", problem) => _hasPlace = true;

    /// <summary>The same, said of a place, unless it was said of one already.</summary>
    internal RecordingException At(string path, int line) => _hasPlace ? this : new RecordingException(path, line, this);
}
