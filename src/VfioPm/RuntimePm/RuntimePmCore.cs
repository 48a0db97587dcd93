using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace VfioPm;

/// <summary>
/// The runtime-PM subsystem of one simulated kernel (<c>drivers/base/power/runtime.c</c>): its devices, the
/// workers that carry out their requests, and the clock that their timers run on. It needs neither PCI nor
/// vfio: a driver's author models his own devices and callbacks with it.
/// </summary>
public sealed class RuntimePmCore : IForkable
{
    private readonly List<RuntimePmDevice> _devices = [];
    private readonly List<Actor> _running = [];
    private readonly Stack<Actor> _idle = [];
    private readonly RuntimePmCore? _host;
    private readonly object _lineage = new();
    private RuntimePmObserver? _observer;
    private int _callsInProgress;

    /// <summary>A subsystem without devices.</summary>
    /// <param name="rules">Which kernel's; Linux 6.1's by default.</param>
    /// <param name="clock">The clock of the host that it belongs to; one of its own by default.</param>
    /// <param name="logger">Where the kernel's messages go.</param>
    public RuntimePmCore(RuntimePmRules? rules = null, VirtualClock? clock = null, ILogger? logger = null)
    {
        Rules = rules ?? RuntimePmRules.Linux6_1;
        Clock = clock ?? new VirtualClock();
        Logger = logger ?? NullLogger.Instance;
    }

    /// <summary>
    /// The subsystem of a kernel that runs as a guest of another, of the same release: it lives on its clock, and
    /// whoever observes the host observes the guest.
    /// </summary>
    internal RuntimePmCore(RuntimePmCore host)
        : this(host.Rules, host.Clock, host.Logger) => _host = host;

    private RuntimePmCore(RuntimePmCore original, ForkContext fork)
    {
        if (original._callsInProgress > 0)
        {
            throw new InvalidOperationException("A host cannot be forked from inside a call that it is carrying out.");
        }

        fork.Register(original, this);
        Rules = original.Rules;
        Logger = original.Logger;
        GivesWay = original.GivesWay;
        _host = fork.OfNullable(original._host);
        _lineage = original._lineage;
        _observer = fork.OfNullable(original._observer);
        _devices.AddRange(original._devices.Select(fork.Of));
        _running.AddRange(original._running.Select(fork.Of));
        Clock = fork.Of(original.Clock);
    }

    /// <summary>The clock of the timers and of the work queue <c>pm_wq</c>.</summary>
    public VirtualClock Clock { get; }

    /// <summary>Which kernel's decisions are taken.</summary>
    public RuntimePmRules Rules { get; }

    /// <summary>The devices in order of creation, parents before children.</summary>
    public IReadOnlyList<RuntimePmDevice> Devices => _devices;

    /// <summary>Who is told of every trace event and status change, if anybody.</summary>
    public RuntimePmObserver? Observer
    {
        get => _host is null ? _observer : _host.Observer;
        set
        {
            if (_host is null)
            {
                _observer = value;
            }
            else
            {
                _host.Observer = value;
            }
        }
    }

    /// <summary>
    /// Whether callers give way to queued work where they may sleep, as threads of a kernel with voluntary
    /// preemption usually do; a caller of real-time priority does not. In the end it is the scheduler's choice.
    /// </summary>
    public bool GivesWay { get; set; }

    internal ILogger Logger { get; }

    /// <summary>
    /// Adds a device as <c>pm_runtime_init()</c> leaves it: suspended, unused, runtime PM disabled once.
    /// </summary>
    /// <param name="name">The name in traces and messages.</param>
    /// <param name="parent">The device that must be active while this one is.</param>
    /// <param name="callbacks">What suspending, resuming and idling it do; by default nothing, successfully.</param>
    /// <exception cref="ArgumentException">The parent belongs to another subsystem.</exception>
    public RuntimePmDevice AddDevice(string name, RuntimePmDevice? parent = null, RuntimePmCallbacks? callbacks = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (parent is not null && parent.Core != this)
        {
            throw new ArgumentException($"{parent.Name} belongs to another subsystem.", nameof(parent));
        }

        lock (Clock.Gate)
        {
            var device = new RuntimePmDevice(this, NextIndex, name, parent, callbacks ?? new DriverCallbacks());
            _devices.Add(device);
            return device;
        }
    }

    /// <summary>
    /// Takes a device away of which nothing depends any more (<c>pm_runtime_remove()</c>): what is pending for it is
    /// given up, and its parent has one child less.
    /// </summary>
    /// <exception cref="InvalidOperationException">Other devices depend on it.</exception>
    public void RemoveDevice(RuntimePmDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        lock (Clock.Gate)
        {
            if (_devices.Exists(other => other != device && other.DependsOn(device)))
            {
                throw new InvalidOperationException($"Other devices depend on {device.Name}.");
            }

            device.Disable(carryOutPendingResume: false);
            while (device.HasWork)
            {
                WaitFor(device);
            }

            device.SetSuspended();
            _devices.Remove(device);
        }
    }

    /// <summary>
    /// Lets the workers of <c>pm_wq</c> run, and time pass while they sleep, until none has anything left to do
    /// (<c>flush_workqueue()</c>). Timers that run out meanwhile count; those still running do not.
    /// </summary>
    /// <exception cref="SimulationDeadlockException">A worker waits for ever.</exception>
    public void FlushWork()
    {
        lock (Clock.Gate)
        {
            while (_devices.Find(static device => device.HasWork) is { } device)
            {
                WaitFor(device);
            }
        }
    }

    /// <summary>An independent copy, pending work, running timers and the clock included.</summary>
    /// <exception cref="InvalidOperationException">Called from inside a callback.</exception>
    public RuntimePmCore Fork()
    {
        lock (Clock.Gate)
        {
            return new ForkContext().Of(this);
        }
    }

    /// <summary>
    /// A place where the calling thread may sleep (<c>might_sleep()</c>, <c>cond_resched()</c>, a mutex): queued work
    /// runs first, where callers give way.
    /// </summary>
    internal void GiveWay()
    {
        if (GivesWay)
        {
            Clock.RunPending();
        }
    }

    /// <inheritdoc/>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new RuntimePmCore(this, fork);
    }

    /// <summary>Whether this is the same core, or both were forked from one: their devices have a past in common.</summary>
    internal bool IsKinOf(RuntimePmCore other) => _lineage == other._lineage;

    internal void AddTo(ref StateHash hash)
    {
        foreach (RuntimePmDevice device in _devices)
        {
            device.AddTo(ref hash);
        }

        foreach (Actor actor in _running)
        {
            actor.AddTo(ref hash);
        }
    }

    /// <summary>Carries a call out, letting time pass while it has to wait.</summary>
    /// <exception cref="SimulationDeadlockException">The kernel would wait for ever.</exception>
    internal KernelResult Run(Routine routine, RuntimePmDevice device, RpmFlags flags, int argument = 0)
    {
        _callsInProgress++;
        try
        {
            Actor actor = Begin(routine, device, flags, argument);
            while (!actor.IsDone)
            {
                WaitFor(actor.WaitsFor ?? device);
            }

            int result = actor.Result;
            Recycle(actor);
            return result;
        }
        finally
        {
            _callsInProgress--;
        }
    }

    /// <summary>Starts a call on an actor of its own, which goes on as the clock advances.</summary>
    internal Actor Begin(Routine routine, RuntimePmDevice device, RpmFlags flags, int argument = 0)
    {
        Actor actor = _idle.Count > 0 ? _idle.Pop() : new Actor(this);
        _running.Add(actor);
        actor.Start(routine, device, flags, argument);
        if (actor.IsDone)
        {
            Retire(actor);
        }

        return actor;
    }

    /// <summary>The kernel stops for ever: nothing that is pending happens, and no call goes on.</summary>
    internal void Halt()
    {
        foreach (RuntimePmDevice device in _devices)
        {
            device.DeactivateTimer();
            device.CancelWork();
        }

        foreach (Actor actor in _running)
        {
            actor.Stop();
        }

        _running.Clear();
    }

    /// <summary>Takes an actor that has finished off the list of those that run.</summary>
    internal void Retire(Actor actor)
    {
        _running.Remove(actor);
        if (actor.IsWorker)
        {
            Recycle(actor);
        }
    }

    /// <summary>Whether a caller who was woken takes the processor from whoever drops a lock.</summary>
    internal bool IsPreempted =>
        Rules.WokenCallersPreempt && _running.Exists(static actor => actor.IsWokenCaller);

    /// <summary>Wakes the actors that wait for the device (<c>wake_up_all(&amp;dev->power.wait_queue)</c>).</summary>
    internal void WakeWaiters(RuntimePmDevice device)
    {
        foreach (Actor actor in _running)
        {
            if (actor.WaitsFor == device)
            {
                actor.Wake();
            }
        }
    }

    private int NextIndex => _devices.Count == 0 ? 0 : _devices[^1].Index + 1;

    /// <summary>Runs the next event, for who waits until something about the device has changed.</summary>
    /// <exception cref="SimulationDeadlockException">Nothing is pending that could change it.</exception>
    internal void WaitFor(RuntimePmDevice device)
    {
        if (!Clock.RunNext())
        {
            throw new SimulationDeadlockException(
                $"{device.Name} is {device.Status}, and nothing that is pending will change it: the kernel would"
                + " wait for ever.");
        }
    }

    private void Recycle(Actor actor) => _idle.Push(actor);
}
