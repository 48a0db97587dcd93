namespace VfioPm;

/// <summary>Watches whether a function gets the time that its last transition needs.</summary>
internal sealed class TransitionTimer
{
    /// <summary>Who comes too early each time is told of so many, and memory does not grow.</summary>
    private const int MostFaults = 1024;

    private readonly VirtualClock _clock;
    private readonly PciAddress _address;
    private readonly PublishedList<TransitionFault> _faults = [];
    private Transition _transition;
    private TimeSpan _readyAt;

    public TransitionTimer(VirtualClock clock, PciAddress address)
    {
        _clock = clock;
        _address = address;
    }

    public TransitionTimer(TransitionTimer original, VirtualClock clock)
        : this(clock, original._address)
    {
        _faults.AddRange([.. original._faults]);
        _transition = original._transition;
        _readyAt = original._readyAt;
    }

    public IReadOnlyList<TransitionFault> Faults => _faults;

    /// <summary>Whether an access would come too early.</summary>
    public bool IsRunning => _clock.Now < _readyAt;

    public void Begin(Transition transition, TimeSpan duration)
    {
        _transition = transition;
        _readyAt = _clock.Now + duration;
    }

    public void CheckAccess(int? bar, long offset)
    {
        if (IsRunning)
        {
            if (_faults.Count == MostFaults)
            {
                _faults.RemoveAt(0);
            }

            _faults.Add(new TransitionFault(_clock.Now, _address, bar, offset, _transition, _readyAt));
        }
    }

    public void AddTo(ref StateHash hash)
    {
        // What is over leaves no trace: only a transition that still runs can change what happens next.
        hash.Add(IsRunning ? (long)_transition : 0);
        if (IsRunning)
        {
            hash.AddMoment(_readyAt);
        }
    }
}
