namespace VfioPm.AnyCalls;

/// <summary>Ends the process where a sequence goes on for ever, and says which.</summary>
internal sealed class Watchdog : IDisposable
{
    // Of the processor, which on a busy machine is not that of the clock.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Timer _timer;
    private volatile string _what = "";
    private string _seen = "";
    private TimeSpan _since;

    public Watchdog() => _timer = new Timer(_ => Look(), null, Interval, Interval);

    public void Begin(string what) => _what = what;

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        TimeSpan used = Environment.CpuUsage.TotalTime;
        if (_seen != _what)
        {
            (_seen, _since) = (_what, used);
        }
        else if (used - _since > Patience)
        {
            Console.WriteLine($"=== {_seen} goes on for ever");
            Environment.Exit(3);
        }
    }
}
