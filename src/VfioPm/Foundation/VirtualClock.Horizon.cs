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
}
