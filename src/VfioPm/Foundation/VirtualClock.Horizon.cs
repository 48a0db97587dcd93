namespace VfioPm;

public sealed partial class VirtualClock
{
    /// <summary>The time during which a horizon holds; the one before is given back whatever is thrown.</summary>
    private readonly ref struct HorizonScope
    {
        private readonly VirtualClock _clock;
        private readonly Horizon _outer;

        public HorizonScope(VirtualClock clock, Horizon horizon)
        {
            _clock = clock;
            _outer = clock.Horizon;
            clock.Horizon = horizon;
        }

        public void Dispose() => _clock.Horizon = _outer;
    }

    /// <summary>
    /// Lets time pass up to a moment at once, if nothing else happens up to then and nobody could look in between: then a
    /// sleep costs nothing.
    /// </summary>
    internal bool TryPass(TimeSpan end)
    {
        if (!Horizon.Includes(end) || _queue.NextDue <= end || _queue.IsAnyShortable(end))
        {
            return false;
        }

        PassTo(end);
        return true;
    }
}
