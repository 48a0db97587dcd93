namespace VfioPm;

/// <summary>
/// How many interrupts of a line nobody claimed (<c>kernel/irq/spurious.c</c>). One now and then is of no account; of a hundred thousand
/// all but a hundred are a line that is stuck.
/// </summary>
internal sealed class UnhandledInterrupts
{
    private const int Batch = 100_000;
    private const int MostUnhandled = 99_900;

    // HZ/10.
    private static readonly TimeSpan Memory = TimeSpan.FromMilliseconds(100);

    private int _counted;
    private TimeSpan _last;

    public UnhandledInterrupts()
    {
    }

    /// <summary>A copy for a fork.</summary>
    public UnhandledInterrupts(UnhandledInterrupts original)
    {
        Unhandled = original.Unhandled;
        _counted = original._counted;
        _last = original._last;
    }

    /// <summary>Of those that are counted.</summary>
    public int Unhandled { get; private set; }

    /// <summary>Somebody new listens: it counts anew.</summary>
    public void Begin()
    {
        Unhandled = 0;
        _counted = 0;
    }

    /// <summary>How many more until the kernel asks itself whether the line is stuck.</summary>
    public int Left => Batch - _counted;

    /// <summary>Counts some that came in one moment.</summary>
    /// <returns>Whether the line is stuck.</returns>
    public bool Note(int count, bool areHandled, TimeSpan now)
    {
        if (!areHandled)
        {
            Unhandled = count + (now > _last + Memory ? 0 : Unhandled);
            _last = now;
        }

        if (Unhandled == 0 || (_counted += count) < Batch)
        {
            return false;
        }

        bool isStuck = Unhandled > MostUnhandled;
        Begin();
        return isStuck;
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(Unhandled);
        hash.Add(_counted);
        hash.Add(_last.Ticks);
    }
}
