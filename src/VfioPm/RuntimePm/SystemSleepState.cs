namespace VfioPm;

/// <summary>The ways in which the whole machine sleeps (<c>suspend_state_t</c>, <c>/sys/power/mem_sleep</c>).</summary>
public enum SystemSleepState
{
    /// <summary>
    /// Suspend-to-idle ("s2idle", "freeze"): devices are suspended and the processors idle; the machine keeps its power, and the
    /// firmware takes no part.
    /// </summary>
    S2Idle,

    /// <summary>
    /// Suspend-to-RAM ("deep", ACPI's S3): the firmware takes the power from all but memory and what is on the auxiliary supply. Every
    /// function comes back uninitialised.
    /// </summary>
    Mem,
}
