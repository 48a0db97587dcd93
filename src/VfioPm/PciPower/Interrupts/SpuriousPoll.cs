namespace VfioPm;

/// <summary>
/// The timer that asks, every tenth of a second, whoever listens to a line that the kernel disabled
/// (<c>poll_spurious_irqs()</c>). Once it runs it runs for ever.
/// </summary>
internal sealed class SpuriousPoll : WorkItem
{
    // POLL_SPURIOUS_IRQ_INTERVAL.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly List<IPolledInterrupt> _lines = [];
    private readonly Kernel _kernel;

    public SpuriousPoll(Kernel kernel) => _kernel = kernel;

    private SpuriousPoll(SpuriousPoll original, ForkContext fork)
        : base(original, fork)
    {
        _kernel = fork.Of(original._kernel);
        fork.CopyAll(original._lines, _lines);
    }

    public override int Index => 0;

    protected override Kernel Kernel => _kernel;

    public override string? Device => null;

    protected override Cause? Because => Describe(Work);

    /// <summary>A line was disabled: the next round is a period from now (<c>mod_timer()</c>).</summary>
    public void Begin(IPolledInterrupt line)
    {
        if (!_lines.Contains(line))
        {
            _lines.Add(line);
            _lines.Sort(static (one, other) => one.Index.CompareTo(other.Index));
        }

        Cancel();
        QueueNext();
    }

    public override bool IsInterrupt(int tag) => true;

    public override bool IsRecurring(int tag) => true;

    public override Cause Describe(int tag) => new("poll of a disabled interrupt");

    public override IForkable Fork(ForkContext fork) => new SpuriousPoll(this, fork);

    public override void AddTo(ref StateHash hash)
    {
        base.AddTo(ref hash);
        hash.Add(_lines.Count);
        foreach (IPolledInterrupt line in _lines)
        {
            hash.Add(line.Index);
        }
    }

    protected override KernelCall Execute()
    {
        foreach (IPolledInterrupt line in _lines)
        {
            line.Poll();
        }

        QueueNext();
        return KernelCall.Returned;
    }

    private void QueueNext() => Queue(_kernel.TickAfter(Period) - _kernel.Clock.Now);
}
