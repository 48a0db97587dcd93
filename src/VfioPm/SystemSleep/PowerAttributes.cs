using System.Globalization;

namespace VfioPm;

/// <summary>What is under <c>/sys/power</c> (<c>kernel/power/main.c</c>).</summary>
internal sealed class PowerAttributes : ISysfsAttributes
{
    // pm_test has levels for processors and the core too, which have no counterpart.
    private static readonly (string Name, SleepTest Test)[] Tests =
    [
        ("none", SleepTest.None), ("platform", SleepTest.Platform), ("devices", SleepTest.Devices), ("freezer", SleepTest.Freezer),
    ];

    private readonly SystemSleep _sleep;
    private readonly RuntimePmCore _core;

    public PowerAttributes(SystemSleep sleep, RuntimePmCore core)
    {
        _sleep = sleep;
        _core = core;
    }

    int INumbered.Index => 0;

    public KernelCall<SysfsResult> Read(string attribute) => attribute switch
    {
        "state" => (SysfsResult)"freeze mem",
        "mem_sleep" => (SysfsResult)(_sleep.MemSleep == SystemSleepState.S2Idle ? "[s2idle] deep" : "s2idle [deep]"),
        "pm_test" => (SysfsResult)string.Join(' ', Tests.Select(test => test.Test == _sleep.Test ? $"[{test.Name}]" : test.Name)),
        "wakeup_count" => ReadCount(),
        _ => (SysfsResult)Errno.ENOENT,
    };

    public KernelCall<int> Write(string attribute, string value) => attribute switch
    {
        "state" => SysfsText.Is(value, "freeze") ? _sleep.Enter(SystemSleepState.S2Idle)
            : SysfsText.Is(value, "mem") ? _sleep.Enter(_sleep.MemSleep)
            : -Errno.EINVAL,
        "mem_sleep" => SetMemSleep(value),
        "pm_test" => SetTest(value),
        "wakeup_count" => SaveCount(value),
        _ => -Errno.ENOENT,
    };

    public IForkable Fork(ForkContext fork) => new PowerAttributes(this, fork);

    private PowerAttributes(PowerAttributes original, ForkContext fork)
    {
        fork.Register(original, this);
        _sleep = fork.Of(original._sleep);
        _core = fork.Of(original._core);
    }

    /// <summary>Which of them "mem" is (<c>mem_sleep_store()</c>).</summary>
    private int SetMemSleep(string value)
    {
        bool isIdle = SysfsText.Is(value, "s2idle");
        if (!isIdle && !SysfsText.Is(value, "deep"))
        {
            return -Errno.EINVAL;
        }

        _sleep.MemSleep = isIdle ? SystemSleepState.S2Idle : SystemSleepState.Mem;
        return 0;
    }

    private int SetTest(string value)
    {
        int place = Array.FindIndex(Tests, test => SysfsText.Is(value, test.Name));
        if (place < 0)
        {
            return -Errno.EINVAL;
        }

        _sleep.Test = Tests[place].Test;
        return 0;
    }

    /// <summary>Waits until no event is being dealt with (<c>pm_get_wakeup_count()</c>).</summary>
    private async KernelCall<SysfsResult> ReadCount()
    {
        await _core.Transition.AwaitEvents();
        return (SysfsResult)_core.Transition.EventCount.ToString(CultureInfo.InvariantCulture);
    }

    private int SaveCount(string value) =>
        SysfsText.TryParseUnsigned(value, out ulong count) && count <= int.MaxValue && _core.Transition.SaveEventCount((int)count)
            ? 0
            : -Errno.EINVAL;
}
