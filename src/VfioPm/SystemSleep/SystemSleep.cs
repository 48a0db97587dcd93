namespace VfioPm;

/// <summary>
/// The sleep of the whole machine, as a laptop has it each night (<c>kernel/power/suspend.c</c>, <c>/sys/power</c>): user space and
/// <c>pm_wq</c> are frozen, all devices pass through the phases of <see cref="SleepPhase"/>, and the machine sleeps until something wakes it.
/// </summary>
/// <remarks>
/// <para>
/// While it sleeps its clock stands still (<see cref="VirtualClock.TimeAsleep"/>): who lets time pass lets it pass outside. Whoever is in
/// the middle of a system call is waited for; a call that a test makes meanwhile is made by a frozen process, when it is thawed.
/// </para>
/// <para>
/// What wakes it: an alarm, <see cref="Wake"/>, and a function that user space wants to wake it (<c>power/wakeup</c>): in
/// <see cref="SystemSleepState.S2Idle"/> by the PME of its root port or a wake signal of the firmware's, in <see cref="SystemSleepState.Mem"/> by the latter.
/// </para>
/// <para>
/// Not there: hibernation; notifiers, and drivers of before <c>dev_pm_ops</c>; PTM, which is switched off over a sleep;
/// interrupts of devices that arrive while they are off, but for hotplug and PME, are not put off.
/// </para>
/// </remarks>
public sealed class SystemSleep : INumbered
{
    // So that a clock has room for many.
    private static readonly TimeSpan LatestAlarm = TimeSpan.FromDays(3653);

    private readonly RuntimePmCore _core;
    private readonly PciTopology _topology;
    private readonly ProcessFreezer _freezer;
    private readonly DevicePm _devices;
    private bool _isUnderWay;

    internal SystemSleep(RuntimePmCore core, PciTopology topology)
    {
        _core = core;
        _topology = topology;
        _freezer = new ProcessFreezer(core);
        _devices = new DevicePm(core);
    }

    internal SystemSleep(SystemSleep original, ForkContext fork)
    {
        fork.Register(original, this);
        _core = fork.Of(original._core);
        _topology = fork.Of(original._topology);
        _freezer = fork.Of(original._freezer);
        _devices = fork.Of(original._devices);
        _isUnderWay = original._isUnderWay;
        Test = original.Test;
        TestDelay = original.TestDelay;
        Alarm = original.Alarm;
        MemSleep = original.MemSleep;
    }

    /// <summary>Whether the machine sleeps, and waits for something that wakes it.</summary>
    public bool IsAsleep => _core.Transition.IsAsleep;

    /// <summary>Which sleep is under way, from the first device that is prepared to the last that is complete; or null.</summary>
    public SystemSleepState? Target => _core.Transition.Target;

    /// <summary>How far a sleep goes.</summary>
    public SleepTest Test { get; set; }

    /// <summary>How long a test waits (<c>suspend.pm_test_delay</c>): five seconds unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public TimeSpan TestDelay
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            field = value;
        }
    } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long after it fell asleep the real-time clock wakes the machine, this time and each time (<c>rtcwake</c>); null for never. A sleep
    /// that is told how long it lasts does not ask.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or later than in ten years.</exception>
    public TimeSpan? Alarm
    {
        get;
        set => field = CheckAlarm(value, nameof(value));
    }

    /// <summary>How the machine sleeps when "mem" is written to <c>/sys/power/state</c> (<c>/sys/power/mem_sleep</c>).</summary>
    internal SystemSleepState MemSleep { get; set; } = SystemSleepState.Mem;

    int INumbered.Index => 0;

    /// <summary>Puts the machine to sleep, and returns when it is awake again (<c>pm_suspend()</c>).</summary>
    /// <param name="state">How it sleeps.</param>
    /// <param name="wakeAfter">How much later an alarm wakes it; by default what <see cref="Alarm"/> says.</param>
    /// <returns>
    /// 0 after a sleep; -EBUSY where something woke the machine before, where somebody could not be frozen within 20 seconds, or where a
    /// sleep is under way; the error of a driver that does not go to sleep.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="wakeAfter"/> is negative, or later than in ten years; there is no such state.</exception>
    /// <exception cref="SimulationDeadlockException">Nothing wakes the machine.</exception>
    public KernelResult Suspend(SystemSleepState state, TimeSpan? wakeAfter = null)
    {
        Check(state, wakeAfter);
        using KernelEntry entry = KernelEntry.Call(_core.Kernel, $"the machine goes to {LabelOf(state)}", "the host");
        return entry.Run(Enter(state, wakeAfter));
    }

    /// <summary>Begins <see cref="Suspend"/>: the machine goes to sleep as time passes, and what happens outside meanwhile can wake it.</summary>
    /// <inheritdoc cref="Suspend"/>
    /// <exception cref="InvalidOperationException">User space is frozen already.</exception>
    public PendingCall BeginSuspend(SystemSleepState state, TimeSpan? wakeAfter = null)
    {
        Check(state, wakeAfter);
        using KernelEntry entry = KernelEntry.Begin(_core.Kernel, $"the machine goes to {LabelOf(state)}", "the host");
        return entry.Start(Enter(state, wakeAfter));
    }

    /// <summary>
    /// Somebody opens the lid or presses the power button (<c>pm_system_wakeup()</c>): the machine wakes, or a sleep that is under way comes to
    /// nothing. The kernel's threads go on as time passes.
    /// </summary>
    public void Wake()
    {
        lock (_core.Clock.Gate)
        {
            _core.Transition.WakeUp();
        }
    }

    IForkable IForkable.Fork(ForkContext fork) => new SystemSleep(this, fork);

    internal void AddTo(ref StateHash hash)
    {
        _devices.AddTo(ref hash);
        hash.Add(_isUnderWay);
        hash.Add((int)Test);
        hash.Add(TestDelay.Ticks);
        hash.Add(Alarm?.Ticks ?? -1);
        hash.Add((int)MemSleep);
    }

    internal static string LabelOf(SystemSleepState state) => state == SystemSleepState.S2Idle ? "s2idle" : "deep";

    /// <summary>The same for who writes to <c>/sys/power/state</c>.</summary>
    internal KernelCall<int> Enter(SystemSleepState state) => Enter(state, wakeAfter: null);

    private async KernelCall<int> Enter(SystemSleepState state, TimeSpan? wakeAfter)
    {
        SystemSleepLog.Entry(_core.Logger, LabelOf(state));

        // system_transition_mutex is only tried.
        int error = _isUnderWay ? -Errno.EBUSY : await EnterState(state, wakeAfter ?? Alarm);
        SystemSleepLog.Exit(_core.Logger);
        return error;
    }

    /// <summary><c>enter_state()</c>.</summary>
    private async KernelCall<int> EnterState(SystemSleepState state, TimeSpan? wakeAfter)
    {
        _isUnderWay = true;
        _core.Transition.Begin(state);
        int error = await _freezer.Freeze();
        if (error == 0)
        {
            if (Test == SleepTest.Freezer)
            {
                await WaitAsTest();
            }
            else
            {
                error = await SuspendDevices(wakeAfter);
            }

            _freezer.Thaw();
        }

        _core.Transition.End();
        _isUnderWay = false;
        return error;
    }

    /// <summary><c>suspend_devices_and_enter()</c>.</summary>
    private async KernelCall<int> SuspendDevices(TimeSpan? wakeAfter)
    {
        int error = await _devices.SuspendStart();
        if (error != 0)
        {
            SystemSleepLog.DevicesFailed(_core.Logger);
        }
        else if (Test == SleepTest.Devices)
        {
            await WaitAsTest();
        }
        else
        {
            error = await SuspendDevicesFully(wakeAfter);
        }

        await _devices.ResumeEnd();
        return error;
    }

    /// <summary><c>suspend_enter()</c>.</summary>
    private async KernelCall<int> SuspendDevicesFully(TimeSpan? wakeAfter)
    {
        int error = await _devices.SuspendLate();
        if (error != 0)
        {
            SystemSleepLog.PhaseFailed(_core.Logger, "late");
            return error;
        }

        error = await _devices.SuspendNoirq();
        if (error != 0)
        {
            SystemSleepLog.PhaseFailed(_core.Logger, "noirq");
        }
        else
        {
            error = await Sleep(wakeAfter);
            await _devices.ResumeNoirq();
        }

        await _devices.ResumeEarly();
        return error;
    }

    /// <summary>
    /// The machine sleeps, unless something is to wake it already: in suspend-to-idle that is a short sleep (<c>s2idle_loop()</c>), else none.
    /// </summary>
    private async KernelCall<int> Sleep(TimeSpan? wakeAfter)
    {
        if (Test == SleepTest.Platform)
        {
            await WaitAsTest();
            return 0;
        }

        bool isFirmwares = Target == SystemSleepState.Mem;
        if (_core.Transition.IsWakeupPending)
        {
            return isFirmwares ? -Errno.EBUSY : 0;
        }

        if (isFirmwares)
        {
            _topology.SwitchMachine(on: false);
        }

        await _core.Transition.Sleep(wakeAfter);
        if (isFirmwares)
        {
            _topology.SwitchMachine(on: true);
        }

        return 0;
    }

    /// <summary><c>suspend_test()</c>.</summary>
    private async KernelCall WaitAsTest()
    {
        SystemSleepLog.Testing(_core.Logger, (int)Math.Ceiling(TestDelay.TotalSeconds));
        await _core.Kernel.Delay(TestDelay);
    }

    private static void Check(SystemSleepState state, TimeSpan? wakeAfter)
    {
        if (!Enum.IsDefined(state))
        {
            throw new ArgumentOutOfRangeException(nameof(state), state, "There is no such sleep.");
        }

        CheckAlarm(wakeAfter, nameof(wakeAfter));
    }

    private static TimeSpan? CheckAlarm(TimeSpan? alarm, string name)
    {
        if (alarm is { } after)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(after, TimeSpan.Zero, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(after, LatestAlarm, name);
        }

        return alarm;
    }
}
