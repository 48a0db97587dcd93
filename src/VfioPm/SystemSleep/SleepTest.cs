namespace VfioPm;

/// <summary>
/// How far a sleep goes that is only a test (<c>/sys/power/pm_test</c>, <c>CONFIG_PM_DEBUG</c>): up to there, then five seconds, and back. Nothing
/// has to wake the machine.
/// </summary>
public enum SleepTest
{
    /// <summary>No test: the machine sleeps.</summary>
    None,

    /// <summary>User space is frozen.</summary>
    Freezer,

    /// <summary>Devices are suspended, but neither late nor without interrupts.</summary>
    Devices,

    /// <summary>Devices are suspended altogether.</summary>
    Platform,
}
