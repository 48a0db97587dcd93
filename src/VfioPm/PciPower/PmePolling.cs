namespace VfioPm;

/// <summary>
/// The functions whose PME_Status the kernel reads every second (<c>pci_pme_list_scan()</c>), for machines on which PME#
/// leads nowhere: each that sleeps with PME# enabled.
/// </summary>
internal sealed class PmePolling : IEventTarget
{
    // PME_TIMEOUT.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly List<PciDevice> _polled = [];
    private readonly VirtualClock _clock;
    private readonly PciPowerRules _rules;
    private bool _isQueued;

    public PmePolling(VirtualClock clock, PciPowerRules rules)
    {
        _clock = clock;
        _rules = rules;
    }

    private PmePolling(PmePolling original, ForkContext fork)
    {
        fork.Register(original, this);
        _clock = fork.Of(original._clock);
        _rules = original._rules;
        _polled.AddRange(original._polled.Select(fork.Of));
        _isQueued = original._isQueued;
    }

    /// <summary>No device has it, nor have timers of the code under test.</summary>
    public int Index => -2;

    /// <summary>
    /// Puts a function on the list or takes it off. The next scan comes all the same; one that finds the list empty is the
    /// last.
    /// </summary>
    public void Set(PciDevice device, bool polled)
    {
        if (polled)
        {
            _polled.Add(device);
            Queue();
        }
        else
        {
            _polled.Remove(device);
        }
    }

    public void Run(int tag)
    {
        _isQueued = false;

        // Who came last is at the head of the kernel's list.
        for (int i = _polled.Count - 1; i >= 0; i--)
        {
            Poll(_polled[i]);
        }

        if (_polled.Count > 0)
        {
            Queue();
        }
    }

    public bool IsRecurring(int tag) => true;

    public Cause Describe(int tag) => new("PME poll");

    public IForkable Fork(ForkContext fork) => new PmePolling(this, fork);

    public void AddTo(ref StateHash hash)
    {
        foreach (PciDevice device in _polled)
        {
            hash.Add(device.RuntimePm.Index);
        }
    }

    private void Queue()
    {
        if (!_isQueued)
        {
            _isQueued = true;
            _clock.Schedule(_clock.Now + Period, this, 0);
        }
    }

    private void Poll(PciDevice device)
    {
        if (!_rules.PollHoldsBridge)
        {
            WakeIfAsserted(device);
        }
        else if (device.Upstream is not { } bridge)
        {
            WakeIfSuspended(device);
        }
        else if (bridge.RuntimePm.GetIfActive() is { Value: not 0 } held)
        {
            WakeIfSuspended(device);
            if (!held.IsError)
            {
                bridge.RuntimePm.Put();
            }
        }
    }

    private void WakeIfSuspended(PciDevice device)
    {
        if (device.RuntimePm.IsSuspended)
        {
            WakeIfAsserted(device);
        }
    }

    /// <summary>
    /// Neither below a bridge that sleeps nor in D3cold would the function answer (<c>pci_pme_wakeup()</c>).
    /// </summary>
    private void WakeIfAsserted(PciDevice device)
    {
        bool answers = device.Upstream is null or { PowerState: PowerState.D0 }
            && device.PowerState != PowerState.D3Cold;
        if (answers && device.TakePme())
        {
            using (_clock.Because("PME# found by polling", device.Name))
            {
                device.RuntimePm.RequestResume();
            }
        }
    }
}
