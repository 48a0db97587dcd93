namespace VfioPm;

/// <content>The way of the function's signals to the machine: they arrive at once, or late, or never.</content>
public sealed partial class PciFunction
{
    // Those that are held, in their order; null while nobody holds them.
    private List<Signal>? _onTheWay;

    /// <summary>Whether its signals are held (<see cref="HoldSignals"/>).</summary>
    public bool HoldsSignals => _onTheWay is not null;

    /// <summary>How many of its signals are on their way to the machine.</summary>
    public int SignalsOnTheWay => _onTheWay?.Count ?? 0;

    /// <summary>
    /// From now on what it signals (its interrupt pin, messages, PMEs, events of a port's slot) stays on its way, until
    /// <see cref="LetSignalsThrough"/> or <see cref="LoseSignals"/>: so an interrupt comes late. What its registers show is so at once.
    /// </summary>
    /// <remarks>The same signal twice is one, as an interrupt controller has one bit for each. The link going down, by a bus reset or
    /// without power, loses them (PCI Express Base, sections 2.2.8.1 and 2.9.1).</remarks>
    public void HoldSignals()
    {
        lock (_clock.Gate)
        {
            _onTheWay ??= [];
        }
    }

    /// <summary>What is on its way arrives, in the order in which it was sent, and what is sent from now on does at once.</summary>
    public void LetSignalsThrough()
    {
        lock (_clock.Gate)
        {
            Queue<Signal> arriving = new(_onTheWay ?? []);
            _onTheWay = null;
            try
            {
                while (arriving.TryDequeue(out Signal signal))
                {
                    Send(signal);
                }
            }
            finally
            {
                // Where a listener threw, those behind are where they were.
                if (arriving.Count > 0)
                {
                    (_onTheWay ??= []).AddRange(arriving);
                }
            }
        }
    }

    /// <summary>
    /// What is on its way never arrives. A pin stays at its level, and the machine learns of that when it changes again; nor is a PME sent
    /// again, as it should be every tenth of a second until software clears it (PCI Express Base, section 5.3.3.3.1).
    /// </summary>
    public void LoseSignals()
    {
        lock (_clock.Gate)
        {
            _onTheWay?.Clear();
        }
    }

    private void Send(Signal signal)
    {
        if (_onTheWay is null)
        {
            Arrive(signal);
        }
        else if (!_onTheWay.Contains(signal))
        {
            _onTheWay.Add(signal);
        }
    }

    private void Arrive(Signal signal)
    {
        switch (signal.Kind)
        {
            case SignalKind.Pin when IsInterruptPinAsserted is var level && level != _pinLevel:
                _pinLevel = level;
                InterruptReceiver?.OnPinChanged(level);
                break;
            case SignalKind.Message:
                InterruptReceiver?.OnMessage(new InterruptMessage(signal.Address, signal.Data));
                break;
            case SignalKind.Pme:
                FindRoot().TakePme(Address.RequesterId);
                break;
            case SignalKind.Wake:
                Listener?.OnWakeSignal();
                break;
            case SignalKind.RootPme:
                Listener?.OnRootPme();
                break;
            case SignalKind.SlotEvent:
                Listener?.OnSlotEvent();
                break;
        }
    }

    /// <summary>The link went down: what was on its way is lost, and with it goes what the machine saw of the pin.</summary>
    private void LoseSignalsWithLink()
    {
        if (_onTheWay is not null)
        {
            _onTheWay.Clear();
            Arrive(SignalKind.Pin);
        }
    }

    private PciFunction FindRoot()
    {
        PciFunction root = this;
        while (root.Upstream is { } above)
        {
            root = above;
        }

        return root;
    }

    private void AddSignalsTo(ref StateHash hash)
    {
        hash.Add(_onTheWay?.Count ?? -1);
        for (int i = 0; i < _onTheWay?.Count; i++)
        {
            _onTheWay[i].AddTo(ref hash);
        }
    }
}
