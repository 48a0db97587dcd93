namespace VfioPm;

/// <summary>
/// The functions whose PME_Status the kernel reads every second (<c>pci_pme_list_scan()</c>), for machines on which PME#
/// leads nowhere: each that sleeps with PME# enabled.
/// </summary>
internal sealed class PmePolling : WorkItem
{
    // PME_TIMEOUT.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly List<PciPmDevice> _polled = [];
    private readonly KernelMutex _lock;
    private readonly Kernel _kernel;
    private readonly PciPowerRules _rules;

    public PmePolling(Kernel kernel, PciPowerRules rules)
    {
        _kernel = kernel;
        _lock = new KernelMutex(kernel, "pci_pme_list_mutex", "the kernel", Index);
        _rules = rules;
    }

    private PmePolling(PmePolling original, ForkContext fork)
        : base(original, fork)
    {
        _kernel = fork.Of(original._kernel);
        _lock = fork.Of(original._lock);
        _rules = original._rules;
        fork.CopyAll(original._polled, _polled);
    }

    public override int Index => 0;

    protected override Kernel Kernel => _kernel;

    public override string? Device => null;

    /// <summary>It is on <c>system_freezable_wq</c>.</summary>
    protected override Frozen FrozenWith => Frozen.Work;

    protected override Cause? Because => Describe(Work);

    /// <summary>
    /// Puts a function on the list or takes it off, once nobody goes through it. The next scan comes all the same; one that finds the list
    /// empty is the last.
    /// </summary>
    public async KernelCall Set(PciPmDevice device, bool polled)
    {
        using LockScope held = await _lock.Lock();
        if (polled)
        {
            _polled.Add(device);
            if (_polled.Count == 1)
            {
                QueueNext();
            }
        }
        else
        {
            _polled.Remove(device);
        }
    }

    public override bool IsRecurring(int tag) => true;

    public override Cause Describe(int tag) => new("PME poll");

    public override IForkable Fork(ForkContext fork) => new PmePolling(this, fork);

    public void AddListTo(ref StateHash hash)
    {
        AddTo(ref hash);
        _lock.AddTo(ref hash);
        MachineParts parts = _kernel.Clock.Parts;
        for (int part = 1; part <= parts.Last; part++)
        {
            foreach (PciPmDevice device in _polled)
            {
                if (parts.Concerns(part, device.Name))
                {
                    hash.Add(device.RuntimePm.Index);
                }
            }
        }
    }

    /// <summary><c>pci_pme_list_scan()</c>.</summary>
    protected override async KernelCall Execute()
    {
        using LockScope held = await _lock.Lock();

        // Who came last is at the head of the kernel's list.
        for (int i = _polled.Count - 1; i >= 0; i--)
        {
            if (_polled[i].Wakeup.IsPolled)
            {
                await Poll(_polled[i]);
            }
            else
            {
                _polled.RemoveAt(i);
            }
        }

        if (_polled.Count > 0)
        {
            QueueNext();
        }
    }

    private void QueueNext() =>
        Queue(_kernel.TickAfter(Period) - _kernel.Clock.Now);

    private KernelCall Poll(PciPmDevice device) =>
        !_rules.PollHoldsBridge ? WakeIfAsserted(device)
        : device.Upstream is { } bridge ? PollBelow(bridge, device)
        : WakeIfSuspended(device);

    private async KernelCall PollBelow(PciPmDevice bridge, PciPmDevice device)
    {
        if (PmRuntime.GetConditionally(bridge.RuntimePm, ignoreUsageCount: true) is not 0 and int held)
        {
            await WakeIfSuspended(device);
            if (held >= 0)
            {
                await PmRuntime.Put(bridge.RuntimePm);
            }
        }
    }

    private KernelCall WakeIfSuspended(PciPmDevice device) =>
        device.RuntimePm.IsSuspended ? WakeIfAsserted(device) : KernelCall.Returned;

    /// <summary>
    /// Neither below a bridge that sleeps nor in D3cold would the function answer (<c>pci_pme_wakeup()</c>).
    /// </summary>
    private KernelCall WakeIfAsserted(PciPmDevice device)
    {
        bool answers = device.Upstream is null or { PowerState: PowerState.D0 }
            && device.PowerState != PowerState.D3Cold;
        return answers ? WakeIfTaken(device) : KernelCall.Returned;
    }

    private async KernelCall WakeIfTaken(PciPmDevice device)
    {
        if (await PciPm.TakePme(device))
        {
            PciPm.ReportWakeup(device);
            Cause? before = _kernel.Because("PME# found by polling", device.Name);
            await PmRuntime.RequestResume(device.RuntimePm);
            _kernel.Clock.Cause = before;
        }
    }
}
