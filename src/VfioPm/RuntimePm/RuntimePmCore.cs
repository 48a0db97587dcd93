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
    private readonly PublishedList<RuntimePmDevice> _devices = [];
    private readonly object _lineage = new();

    // A number is given once: who remembers one of a device that is gone does not take another device for it.
    private int _nextIndex;

    /// <summary>A subsystem without devices.</summary>
    /// <param name="rules">Which kernel's; Linux 6.1's by default.</param>
    /// <param name="clock">The clock of the host that it belongs to; one of its own by default.</param>
    /// <param name="logger">Where the kernel's messages go.</param>
    public RuntimePmCore(RuntimePmRules? rules = null, VirtualClock? clock = null, ILogger? logger = null)
    {
        Rules = rules ?? RuntimePmRules.Linux6_1;
        Kernel = MakeKernel(clock ?? new VirtualClock(), index: 0);
        Events = new EventChannel<IRuntimePmListener>(Clock.Calls);
        Log = new KernelLog(Clock, logger ?? NullLogger.Instance);
        Transition = new SystemTransition(Kernel);
    }

    /// <summary>
    /// The subsystem of a kernel that runs as a guest of another, of the same release: it lives on its clock, and
    /// whoever listens to the host hears of the guest too.
    /// </summary>
    /// <param name="host">The host's.</param>
    /// <param name="guest">The guest's number, from 1 on.</param>
    internal RuntimePmCore(RuntimePmCore host, int guest)
    {
        Rules = host.Rules;
        Events = host.Events;
        Log = host.Log;
        Kernel = MakeKernel(host.Clock, guest);
        Transition = new SystemTransition(Kernel);
    }

    private RuntimePmCore(RuntimePmCore original, ForkContext fork)
    {
        fork.Register(original, this);
        Rules = original.Rules;
        Log = fork.Of(original.Log);
        _lineage = original._lineage;
        Events = fork.Of(original.Events);
        fork.CopyAll(original._devices, _devices);
        _nextIndex = original._nextIndex;
        Kernel = fork.Of(original.Kernel);
        Transition = fork.Of(original.Transition);
    }

    /// <summary>The kernel whose threads make the calls and carry out the work.</summary>
    public Kernel Kernel { get; }

    /// <summary>The clock of the timers and of the work queue <c>pm_wq</c>.</summary>
    public VirtualClock Clock => Kernel.Clock;

    /// <summary>Which kernel's decisions are taken.</summary>
    public RuntimePmRules Rules { get; }

    /// <summary>The devices in order of creation, parents before children.</summary>
    public IReadOnlyList<RuntimePmDevice> Devices => _devices;

    /// <summary>Who is told of every trace event, status change and change of a usage count; a guest's are told by its host.</summary>
    public EventChannel<IRuntimePmListener> Events { get; }

    /// <summary>What the kernel said.</summary>
    public KernelLog Log { get; }

    /// <summary>Where the machine is on the way to a sleep of its own.</summary>
    internal SystemTransition Transition { get; }

    internal ILogger Logger => Log.Logger;

    /// <summary>Where in a test's code the call is that counts a user now, if there is one.</summary>
    internal Caller Caller { get; } = new();

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
        CheckOwn(parent, nameof(parent));

        lock (Clock.Gate)
        {
            var device = new RuntimePmDevice(this, _nextIndex++, name, parent, callbacks ?? new DriverCallbacks());
            _devices.Add(device);
            return device;
        }
    }

    /// <summary>
    /// Takes a device away of which nothing depends any more (<c>pm_runtime_remove()</c>): what is pending for it is
    /// given up, and its parent has one child less.
    /// </summary>
    /// <exception cref="ArgumentException">It belongs to another subsystem.</exception>
    /// <exception cref="InvalidOperationException">Other devices depend on it.</exception>
    public void RemoveDevice(RuntimePmDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        CheckOwn(device, nameof(device));
        lock (Clock.Gate)
        {
            if (_devices.Exists(other => other != device && other.DependsOn(device)))
            {
                throw new InvalidOperationException($"Other devices depend on {device.Name}.");
            }

            using KernelEntry entry = KernelEntry.Call(Kernel, device.Name);
            entry.Run(PmRuntime.Remove(device));
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
            if (!Clock.RunUntil(() => !_devices.Exists(static device => device.HasWork)))
            {
                throw new SimulationDeadlockException(Deadlock.Describe(Kernel));
            }
        }
    }

    /// <exception cref="ArgumentException">The device, if there is one, belongs to another subsystem.</exception>
    internal void CheckOwn(RuntimePmDevice? device, string argument)
    {
        if (device is not null && device.Core != this)
        {
            throw new ArgumentException($"{device.Name} belongs to another subsystem.", argument);
        }
    }

    /// <summary>An independent copy, pending work, running timers and the clock included.</summary>
    /// <exception cref="InvalidOperationException">Called from inside a callback.</exception>
    public RuntimePmCore Fork()
    {
        lock (Clock.Gate)
        {
            return ForkContext.Copy(this);
        }
    }

    IForkable IForkable.Fork(ForkContext fork) => new RuntimePmCore(this, fork);

    /// <summary>Whether this is the same core, or both were forked from one: their devices have a past in common.</summary>
    internal bool IsKinOf(RuntimePmCore other) => _lineage == other._lineage;

    internal void AddTo(ref StateHash hash)
    {
        Rules.AddTo(ref hash);
        hash.Add(_nextIndex);
        hash.Add(_devices.Count);
        foreach (RuntimePmDevice device in _devices)
        {
            device.AddTo(ref hash);
        }

        Kernel.AddTo(ref hash);
        Transition.AddTo(ref hash);
    }

    /// <summary>The kernel stops for ever: nothing that is pending happens, and no call goes on.</summary>
    internal void Halt()
    {
        foreach (RuntimePmDevice device in _devices)
        {
            device.Halt();
        }

        Kernel.Halt();
    }

    internal void Forget(RuntimePmDevice device) => _devices.Remove(device);

    private Kernel MakeKernel(VirtualClock clock, int index) =>
        new(clock, index) { WokenCallersPreempt = Rules.WokenCallersPreempt, MsleepAddsTick = Rules.MsleepAddsTick };
}
