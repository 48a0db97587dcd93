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
        "mem_sleep" => (SysfsResult)"s2idle [deep]",
        "pm_test" => (SysfsResult)string.Join(' ', Tests.Select(test => test.Test == _sleep.Test ? $"[{test.Name}]" : test.Name)),
        "wakeup_count" => ReadCount(),
        _ => (SysfsResult)Errno.ENOENT,
    };

    public KernelCall<int> Write(string attribute, string value) => attribute switch
    {
        "state" => value switch
        {
            "freeze" => _sleep.Enter(SystemSleepState.S2Idle),
            "mem" => _sleep.Enter(SystemSleepState.Mem),
            _ => -Errno.EINVAL,
        },
        "pm_test" => SetTest(value),
        "wakeup_count" => SaveCount(value),
        "mem_sleep" => -Errno.EACCES,
        _ => -Errno.ENOENT,
    };

    public IForkable Fork(ForkContext fork) => new PowerAttributes(this, fork);

    private PowerAttributes(PowerAttributes original, ForkContext fork)
    {
        fork.Register(original, this);
        _sleep = fork.Of(original._sleep);
        _core = fork.Of(original._core);
    }

    private int SetTest(string value)
    {
        int place = Array.FindIndex(Tests, test => test.Name == value);
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
