using System.Collections.Immutable;
using static System.FormattableString;

namespace VfioPm;

/// <summary>
/// A device as the runtime-PM core sees it (<c>struct device</c> and its <c>dev->power</c>): the usage count and
/// all that decides whether it may sleep, and the calls of <c>include/linux/pm_runtime.h</c>.
/// </summary>
/// <remarks>
/// Calls return what the kernel's return. A call that must wait lets virtual time pass meanwhile; what it
/// queues stays queued until time is advanced (<see cref="VirtualClock.RunPending"/> or
/// <see cref="VirtualClock.Advance"/>), so a test can look in between.
/// </remarks>
public sealed partial class RuntimePmDevice : IForkable, IWaitQueue
{
    private readonly PublishedList<DeviceLink> _suppliers = [];
    private ImmutableArray<int> _resumeLatencyRequests = [];
    private readonly PendingWork _pending;
    private int _usageCount;
    private long _busyMark;
    private RuntimePmTimes _times;
    private DeviceSleep _sleep;

    internal RuntimePmDevice(
        RuntimePmCore core, int index, string name, RuntimePmDevice? parent, RuntimePmCallbacks callbacks)
    {
        Core = core;
        Index = index;
        Name = name;
        Parent = parent;
        Callbacks = callbacks;
        Lock = new DeviceLock(core.Kernel, name, index);
        _busyMark = core.Clock.MarkMoment();
        _pending = new PendingWork(this);
    }

    private RuntimePmDevice(RuntimePmDevice original, ForkContext fork)
    {
        fork.Register(original, this);
        Core = fork.Of(original.Core);
        Index = original.Index;
        Name = original.Name;
        Parent = fork.OfNullable(original.Parent);
        Callbacks = fork.Of(original.Callbacks);
        Domain = fork.OfNullable(original.Domain);
        WakeIrq = fork.OfNullable(original.WakeIrq);
        Lock = fork.Of(original.Lock);
        Status = original.Status;
        LastStatus = original.LastStatus;
        _usageCount = original._usageCount;
        ChildCount = original.ChildCount;
        DisableDepth = original.DisableDepth;
        Error = original.Error;
        RequestPending = original.RequestPending;
        Request = original.Request;
        DeferredResume = original.DeferredResume;
        IdleNotification = original.IdleNotification;
        UseAutosuspend = original.UseAutosuspend;
        AutosuspendDelay = original.AutosuspendDelay;
        LastBusy = original.LastBusy;
        _busyMark = original._busyMark;
        _times = original._times;
        _sleep = original._sleep;
        TimerExpires = original.TimerExpires;
        TimerAutosuspends = original.TimerAutosuspends;
        RuntimeAuto = original.RuntimeAuto;
        IgnoresChildren = original.IgnoresChildren;
        HasNoCallbacks = original.HasNoCallbacks;
        IsIrqSafe = original.IsIrqSafe;
        NeedsForceResume = original.NeedsForceResume;
        SuspendsAsync = original.SuspendsAsync;
        _resumeLatencyRequests = original._resumeLatencyRequests;
        fork.CopyAll(original._suppliers, _suppliers);
        _pending = fork.Of(original._pending);
    }

    /// <summary>The subsystem that the device belongs to.</summary>
    public RuntimePmCore Core { get; }

    /// <summary>Its number, in the order of <see cref="RuntimePmCore.Devices"/>.</summary>
    public int Index { get; }

    /// <summary>The name in traces and messages.</summary>
    public string Name { get; }

    /// <summary>
    /// What a test calls the device, or null: messages, timelines and pictures then say "gpu (0000:01:00.0)". Nothing else depends on it.
    /// </summary>
    /// <exception cref="ArgumentException">It is blank, or another device is called so.</exception>
    public string? Alias
    {
        get => Core.Clock.Aliases.Of(Name);
        set => Core.Clock.Aliases = Core.Clock.Aliases.With(Name, value);
    }

    /// <summary>The device that must be active while this one is.</summary>
    public RuntimePmDevice? Parent { get; }

    /// <summary>What suspending, resuming and idling the device do.</summary>
    /// <exception cref="ArgumentNullException">It is null: a device without has callbacks of which there is none.</exception>
    public RuntimePmCallbacks Callbacks
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    }

    /// <summary>The links to its suppliers, in order of making.</summary>
    public IReadOnlyList<DeviceLink> Suppliers => _suppliers;

    /// <summary>Whether it is active, suspended, or on its way (<c>runtime_status</c>).</summary>
    public RuntimeStatus Status { get; private set; } = RuntimeStatus.Suspended;

    /// <summary>
    /// The status when runtime PM was disabled; <see cref="RuntimeStatus.Invalid"/> while it is enabled.
    /// </summary>
    public RuntimeStatus LastStatus { get; internal set; } = RuntimeStatus.Invalid;

    /// <summary>How far it is on the way to a system sleep and back.</summary>
    internal ref DeviceSleep Sleep => ref _sleep;

    /// <summary>What whoever binds, resets or steers the device holds.</summary>
    internal DeviceLock Lock { get; }

    /// <summary>How many users hold the device active (<c>usage_count</c>).</summary>
    public int UsageCount
    {
        get => _usageCount;
        internal set
        {
            int before = _usageCount;
            _usageCount = value;
            if (before != value)
            {
                Core.Events.Tell((this, before), static (listener, in it) => listener.OnUsageCount(it.Item1, it.before));
            }
        }
    }

    /// <summary>How many children are active (<c>child_count</c>, <c>power/runtime_active_kids</c>).</summary>
    public int ChildCount { get; internal set; }

    /// <summary>How often runtime PM was disabled; at zero it is enabled.</summary>
    public int DisableDepth { get; internal set; } = 1;

    /// <summary>The error of a callback that stopped runtime PM for the device, or 0.</summary>
    public KernelResult RuntimeError => Error;

    /// <summary>The same as the kernel has it (<c>power.runtime_error</c>).</summary>
    internal int Error { get; set; }

    /// <summary>Whether a work item of the device is queued.</summary>
    public bool RequestPending { get; internal set; }

    /// <summary>What the queued work item will do; <see cref="RuntimePmRequest.None"/> if it was cancelled.</summary>
    public RuntimePmRequest Request { get; internal set; }

    /// <summary>Whether a resume follows the suspend that is under way.</summary>
    public bool DeferredResume { get; internal set; }

    /// <summary>Whether the idle callback is running.</summary>
    public bool IdleNotification { get; internal set; }

    /// <summary>Whether suspending waits for the autosuspend delay.</summary>
    public bool UseAutosuspend { get; internal set; }

    /// <summary>Milliseconds without use before an autosuspend; a negative value prevents suspending.</summary>
    public int AutosuspendDelay { get; internal set; }

    /// <summary>When the device was last marked busy, since boot; zero if never.</summary>
    public TimeSpan LastBusy { get; private set; }

    /// <summary>
    /// How long it was active since boot, or on its way, while runtime PM was enabled (<c>pm_runtime_active_time()</c>,
    /// <c>power/runtime_active_time</c>).
    /// </summary>
    public TimeSpan ActiveTime => _times.ActiveUntil(Core.Clock.Now, IsEnabled && !IsSuspended);

    /// <summary>
    /// How long it was suspended since boot while runtime PM was enabled (<c>pm_runtime_suspended_time()</c>,
    /// <c>power/runtime_suspended_time</c>).
    /// </summary>
    public TimeSpan SuspendedTime => _times.SuspendedUntil(Core.Clock.Now, IsSuspended);

    /// <summary>When the suspend timer runs out, since boot; null when it does not run.</summary>
    public TimeSpan? TimerExpires { get; private set; }

    /// <summary>Whether the timer was set by an autosuspend (otherwise by <see cref="ScheduleSuspend(int)"/>).</summary>
    public bool TimerAutosuspends { get; private set; }

    /// <summary>Whether user space allows runtime PM: <c>power/control</c> says "auto".</summary>
    public bool RuntimeAuto { get; internal set; } = true;

    /// <summary>Whether the device may sleep while children are active.</summary>
    public bool IgnoresChildren { get; private set; }

    /// <summary>Whether the device follows its parent without callbacks of its own.</summary>
    public bool HasNoCallbacks { get; private set; }

    /// <summary>Whether its callbacks may run with interrupts disabled; its parent is then held for ever.</summary>
    public bool IsIrqSafe { get; internal set; }

    /// <summary>How many links to suppliers manage runtime PM.</summary>
    public int LinksCount
    {
        get
        {
            int count = 0;
            foreach (DeviceLink link in _suppliers)
            {
                count += link.ManagesRuntimePm ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>Whether <see cref="ForceResume"/> has to wake the device.</summary>
    public bool NeedsForceResume { get; internal set; }

    /// <summary>
    /// Whether system sleep may suspend and resume it beside others, as it may all PCI functions (<c>power.async_suspend</c>,
    /// sysfs <c>power/async</c>).
    /// </summary>
    public bool SuspendsAsync { get; internal set; } = true;

    /// <summary>Whether runtime PM is enabled (<c>pm_runtime_enabled()</c>).</summary>
    public bool IsEnabled => DisableDepth == 0;

    /// <summary>Active, or with runtime PM disabled (<c>pm_runtime_active()</c>).</summary>
    public bool IsActive => Status == RuntimeStatus.Active || !IsEnabled;

    /// <summary>Suspended, with runtime PM enabled (<c>pm_runtime_suspended()</c>).</summary>
    public bool IsSuspended => Status == RuntimeStatus.Suspended && IsEnabled;

    /// <summary>The tightest resume latency that anybody asks for, in microseconds; null without a request.</summary>
    public int? ResumeLatencyLimit => _resumeLatencyRequests.Length == 0 ? null : _resumeLatencyRequests.Min();

    string IWaitQueue.WaitedFor => $"{Name}, which is {Status}";

    /// <inheritdoc/>
    public override string ToString() => Invariant($"{Name}: {Status}, usage {UsageCount}, children {ChildCount}");

    IForkable IForkable.Fork(ForkContext fork) => new RuntimePmDevice(this, fork);

    /// <summary>
    /// Waits until something about the device has changed (<c>dev->power.wait_queue</c>); the caller looks again.
    /// </summary>
    internal KernelWait Change() => Core.Kernel.WaitOn(this);

    internal void WakeWaiters() => Core.Kernel.WakeAll(this);

    /// <summary>Here the kernel drops <c>dev->power.lock</c>, and whoever spun for it may go first.</summary>
    internal KernelWait Unlocked() => Core.Kernel.Preempt(PreemptionPoint.Unlock);

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(Index);
        Lock.AddTo(ref hash);
        hash.Add((int)Status);
        hash.Add((int)LastStatus);
        hash.Add(UsageCount);
        hash.Add(ChildCount);
        hash.Add(DisableDepth);
        hash.Add(Error);
        hash.Add(RequestPending);
        hash.Add((int)Request);
        hash.Add(DeferredResume, IdleNotification, UseAutosuspend);
        hash.Add(AutosuspendDelay);
        hash.AddPast(LastBusy, UseAutosuspend ? TimeSpan.FromMilliseconds(Math.Max(0, AutosuspendDelay)) : TimeSpan.Zero);
        hash.Add(UseAutosuspend ? CountBusyBefore() : 0);
        hash.Add(TimerExpires is not null);
        if (TimerExpires is { } expires)
        {
            hash.AddMoment(expires);
        }

        hash.Add(TimerAutosuspends, RuntimeAuto, IgnoresChildren, HasNoCallbacks, IsIrqSafe, NeedsForceResume, SuspendsAsync);
        _sleep.AddTo(ref hash);
        hash.Add(_resumeLatencyRequests.Length);
        foreach (int limit in _resumeLatencyRequests)
        {
            hash.Add(limit);
        }

        hash.Add(_suppliers.Count);
        foreach (DeviceLink link in _suppliers)
        {
            link.AddTo(ref hash);
        }

        hash.AddKindOf(Callbacks);
        Callbacks.AddTo(ref hash);
        hash.Add(Domain?.GetType().Name);
        Domain?.AddTo(ref hash);
        hash.Add(WakeIrq is not null);
        WakeIrq?.AddTo(ref hash);
        _pending.AddTo(ref hash);
    }

    // Of those that were busy at the same time, where it matters: timers of one moment fire in this order.
    private int CountBusyBefore()
    {
        int count = 0;
        for (int i = 0; i < Core.Devices.Count; i++)
        {
            RuntimePmDevice other = Core.Devices[i];
            count += other.UseAutosuspend && other.LastBusy == LastBusy && other._busyMark < _busyMark && Core.Clock.Parts.MayMatter(other.Name, Name) ? 1 : 0;
        }

        return count;
    }
}
