using System.Text;

namespace VfioPm.Server;

/// <summary>
/// Where a recording is written. That it cannot be written any more (a full disk) may be found on any thread, the alarm's too, and
/// is for whoever runs the server: here it is kept.
/// </summary>
internal sealed class RecordingText(TextWriter to) : TextWriter
{
    private readonly CancellationTokenSource _lost = new();

    /// <summary>What was thrown when it could not be written any more; null as long as it can.</summary>
    public Exception? Problem { get; private set; }

    /// <summary>Cancelled when it cannot be written any more.</summary>
    public CancellationToken Lost => _lost.Token;

    public override Encoding Encoding => to.Encoding;

    public override void Write(string? value) => Try(() => to.Write(value));

    public override void Flush() => Try(to.Flush);

    protected override void Dispose(bool disposing)
    {
        _lost.Dispose();
        base.Dispose(disposing);
    }

    private void Try(Action act)
    {
        if (Problem is not null)
        {
            return;
        }

        try
        {
            act();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Problem = problem;
            _lost.Cancel();
        }
    }
}
