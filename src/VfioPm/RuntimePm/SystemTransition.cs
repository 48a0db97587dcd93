namespace VfioPm;

/// <summary>
/// Where a kernel is on the way to a sleep of the whole machine and back, and what wakes it (<c>pm_suspend_target_state</c>,
/// <c>drivers/base/power/wakeup.c</c>).
/// </summary>
internal sealed class SystemTransition : IStandstill, IWaitQueue
{
    private readonly Kernel _kernel;
    private bool _isWakeupSignalled;
    private int _savedEvents;
    private TimeSpan _eventsEnd;

    public SystemTransition(Kernel kernel) => _kernel = kernel;

    private SystemTransition(SystemTransition original, ForkContext fork)
    {
        fork.Register(original, this);
        _kernel = fork.Of(original._kernel);
        _isWakeupSignalled = original._isWakeupSignalled;
        _savedEvents = original._savedEvents;
        ChecksEvents = original.ChecksEvents;
        _eventsEnd = original._eventsEnd;
        Target = original.Target;
        IsAsleep = original.IsAsleep;
        UntilAlarm = original.UntilAlarm;
        ResumesViaFirmware = original.ResumesViaFirmware;
        EventCount = original.EventCount;
    }

    /// <summary>Which sleep is under way, or null.</summary>
    public SystemSleepState? Target { get; private set; }

    /// <summary>Whether the machine sleeps.</summary>
    public bool IsAsleep { get; private set; }

    /// <inheritdoc/>
    public TimeSpan? UntilAlarm { get; private set; }

    /// <summary>Whether the firmware woke the machine, and may have reset what it likes (<c>pm_resume_via_firmware()</c>).</summary>
    public bool ResumesViaFirmware { get; private set; }

    /// <summary>How many wakeup events there were (<c>/sys/power/wakeup_count</c>).</summary>
    public int EventCount { get; private set; }

    /// <summary>Whether events keep the machine from falling asleep, since user space knows of all before (<c>events_check_enabled</c>).</summary>
    public bool ChecksEvents { get; private set; }

    /// <summary>Whether the firmware is not asked (<c>pm_suspend_no_platform()</c>).</summary>
    public bool IsWithoutFirmware => Target == SystemSleepState.S2Idle;

    int INumbered.Index => 0;

    string IWaitQueue.WaitedFor => "somebody who wakes the machine";

    public IForkable Fork(ForkContext fork) => new SystemTransition(this, fork);

    /// <summary>A sleep is under way; what there was before to wake the machine is forgotten (<c>pm_wakeup_clear()</c>).</summary>
    public void Begin(SystemSleepState target)
    {
        Target = target;
        _isWakeupSignalled = false;
        ResumesViaFirmware = false;
    }

    /// <summary>The machine is awake, and all that it was to take note of is done.</summary>
    public void End()
    {
        Target = null;
        ChecksEvents = false;
    }

    /// <summary>The machine sleeps until somebody wakes it, or an alarm does.</summary>
    /// <param name="wakeAfter">How much later the alarm is, if there is one.</param>
    public async KernelCall Sleep(TimeSpan? wakeAfter)
    {
        IsAsleep = true;
        UntilAlarm = wakeAfter;
        _kernel.Clock.Standstill = this;
        while (IsAsleep)
        {
            await _kernel.WaitOn(this);
        }

        ResumesViaFirmware = Target == SystemSleepState.Mem;
    }

    /// <summary>Somebody wakes the machine, or keeps it from falling asleep (<c>pm_system_wakeup()</c>).</summary>
    public void WakeUp()
    {
        _isWakeupSignalled |= Target is not null;
        if (IsAsleep)
        {
            IsAsleep = false;
            UntilAlarm = null;
            _kernel.Clock.Standstill = null;
            _kernel.WakeAll(this);
        }
    }

    /// <summary>
    /// Whether the machine must not fall asleep (<c>pm_wakeup_pending()</c>): somebody woke it, or there was an event since
    /// <see cref="SaveEventCount"/>.
    /// </summary>
    public bool IsWakeupPending => _isWakeupSignalled || (ChecksEvents && (EventCount != _savedEvents || HasEventInProgress));

    /// <summary>Whether an event is being dealt with.</summary>
    public bool HasEventInProgress => _kernel.Clock.Now < _eventsEnd;

    /// <summary>There was a wakeup event.</summary>
    public void CountEvent() => EventCount++;

    /// <summary>It is being dealt with until then.</summary>
    public void ExtendEvent(TimeSpan end) => _eventsEnd = end > _eventsEnd ? end : _eventsEnd;

    /// <summary>Waits until no event is being dealt with.</summary>
    public async KernelCall AwaitEvents()
    {
        while (HasEventInProgress)
        {
            await _kernel.Delay(_eventsEnd - _kernel.Clock.Now);
        }
    }

    /// <summary>
    /// User space knows of so many events: one more, and the next sleep comes to nothing (<c>pm_save_wakeup_count()</c>).
    /// </summary>
    /// <returns>False where there are more already.</returns>
    public bool SaveEventCount(int count)
    {
        ChecksEvents = count == EventCount && !HasEventInProgress;
        _savedEvents = ChecksEvents ? count : _savedEvents;
        return ChecksEvents;
    }

    void IStandstill.Pass(TimeSpan duration)
    {
        UntilAlarm -= duration;
        if (UntilAlarm == TimeSpan.Zero)
        {
            WakeUp();
        }
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_isWakeupSignalled);
        hash.Add(_savedEvents);
        hash.Add(ChecksEvents);
        hash.AddPast(_eventsEnd, TimeSpan.Zero);
        hash.Add((int?)Target ?? -1);
        hash.Add(IsAsleep);
        hash.Add(UntilAlarm?.Ticks ?? -1);
        hash.Add(ResumesViaFirmware);
        hash.Add(EventCount);
    }
}
