namespace VfioPm;

/// <summary>
/// The callbacks of system sleep in <c>struct dev_pm_ops</c>, in the order in which a device passes through them. On the way down
/// children come before parents, on the way up parents before children.
/// </summary>
public enum SleepPhase
{
    /// <summary>
    /// <c>prepare</c>, parents first: 1 says that the device, if it is runtime-suspended, may be left so with all that is below it
    /// (direct-complete).
    /// </summary>
    Prepare,

    /// <summary><c>suspend</c>: stop what the device does.</summary>
    Suspend,

    /// <summary><c>suspend_late</c>: runtime PM is disabled from now on.</summary>
    SuspendLate,

    /// <summary><c>suspend_noirq</c>: interrupts of devices are off from now on.</summary>
    SuspendNoirq,

    /// <summary><c>resume_noirq</c>: still without interrupts.</summary>
    ResumeNoirq,

    /// <summary><c>resume_early</c>: still without runtime PM.</summary>
    ResumeEarly,

    /// <summary><c>resume</c>: back to work.</summary>
    Resume,

    /// <summary><c>complete</c>: undoes <c>prepare</c>; its result does not count.</summary>
    Complete,
}
