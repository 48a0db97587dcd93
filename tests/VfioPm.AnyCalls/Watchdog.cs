namespace VfioPm.AnyCalls;

/// <summary>Ends the process where a sequence goes on for ever, and says which.</summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Timer _timer;
    private string _what = "";

    public Watchdog() => _timer = new Timer(_ =>
    {
        Console.WriteLine($"=== {_what} goes on for ever");
        Environment.Exit(3);
    });

    public void Begin(string what)
    {
        _what = what;
        _timer.Change(Patience, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();
}
